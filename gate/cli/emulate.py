"""`egate emulate KIND --link PATH`, `egate emulate bench FILE`: devices that are not there.

Each appears as a pseudo-terminal under a stable name, paced at the line's real speed, and runs
until it is interrupted. A control socket takes words (see `gate.bench.control`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from gate.bench.emulated_devices import BenchFile
    from gate.bench.fault_desk import Planned

app = typer.Typer(no_args_is_help=True)

Link = Annotated[Path, typer.Option("--link", help="The name under which the device appears.")]
Baud = Annotated[int | None, typer.Option(help="Line speed; without it the kind's usual one.")]
Unit = Annotated[int, typer.Option(min=1, max=247, help="Modbus unit or OSDP address.")]
Key = Annotated[
    str, typer.Option("--key", help="OSDP base key, 32 hex digits; without it 3031...3F.")
]
Option = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE as in a bench file; see `kinds`.")
]
ControlSocket = Annotated[
    Path | None, typer.Option("--control", help="Unix socket for words such as FIRE OPEN, STATE.")
]
Faults = Annotated[
    Path | None,
    typer.Option(
        "--faults", help="Fault plan (TOML with [[fault]] tables; docs/devices/faults.md)."
    ),
]


@app.callback()
def _family() -> None:
    """Run emulated devices behind pseudo-terminals."""


@app.command()
def bench(
    file: Annotated[Path, typer.Argument(help="TOML: folder, control, [plant], [[device]].")],
    control: ControlSocket = None,
    faults: Faults = None,
) -> None:
    """Run several devices with one gate behind them."""
    from gate.bench.emulated_devices import BenchError, read_bench_file

    try:
        content = read_bench_file(file)
    except BenchError as error:
        _refuse(str(error))
    _run(content, control or content.control, faults)


@app.command()
def kinds() -> None:
    """List the kinds of devices."""
    from gate.bench.emulated_devices import KINDS

    for name, kind in KINDS.items():
        words = f"; words {', '.join(sorted(kind.hands))}" if kind.hands else ""
        words += f"; --set {', '.join(sorted(kind.options))}" if kind.options else ""
        print(f"{name:13} {kind.help} ({kind.baud} Bd{words})")


def _device(kind: str) -> None:
    def command(
        link: Link,
        baud: Baud = None,
        unit: Unit = 1,
        key: Key = "",
        option: Option = None,
        control: ControlSocket = None,
        faults: Faults = None,
    ) -> None:
        from drivers.plant import PlantParameters
        from gate.bench.emulated_devices import KINDS, BenchFile, DeviceSettings, base_key

        try:
            secret = base_key(key)
        except ValueError as error:
            _refuse(f"--{error}")
        speed = KINDS[kind].baud if baud is None else baud
        options = _options(kind, option or [])
        device = DeviceSettings(link.name, kind, link, speed, unit, secret, options)
        _run(BenchFile((device,), PlantParameters(), control), control, faults)

    app.command(kind, help=f"Run one emulated {kind}.")(command)


def _options(kind: str, words: list[str]) -> dict[str, Any]:
    """Each word is a line of a bench file: `presence=false`."""
    import tomllib

    from gate.bench.emulated_devices import BenchError, checked_options

    try:
        return checked_options(kind, tomllib.loads("\n".join(words)), f"{kind} --set")
    except tomllib.TOMLDecodeError as error:
        _refuse(f"--set: {error}; write --set 'presence=false' or --set 'suffix=\"\\u0003\"'")
    except BenchError as error:
        _refuse(str(error))


# The names stand here as well as in KINDS: listing the commands must not load the emulators.
_KIND_NAMES = (
    "door-board",
    "lcus",
    "lcus-query",
    "lcus-feedback",
    "kmtronic",
    "numato",
    "osdp",
    "elyctis",
    "rte",
    "lines",
    "fingerprint",
    "r503",
)
for _kind in _KIND_NAMES:
    _device(_kind)


def _run(content: BenchFile, control: Path | None, faults: Path | None) -> None:
    import asyncio
    import selectors

    from gate.bench.emulated_devices import BenchError
    from gate.bench.fault_plan import read_fault_plan

    try:
        plan = [] if faults is None else read_fault_plan(faults)
        _ask_for_prompt_timers()
        # epoll rounds up to whole milliseconds, more than a byte takes at 115200 Bd.
        loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_serve(content, control, plan))
    except (BenchError, OSError, ValueError) as error:
        _refuse(str(error))


def _ask_for_prompt_timers() -> None:
    # The kernel may otherwise serve a timer 50 us late, half a byte at 115200 Bd.
    import contextlib
    import ctypes

    pr_set_timerslack = 29
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(pr_set_timerslack, 1, 0, 0, 0)


async def _serve(content: BenchFile, control: Path | None, plan: list[Planned]) -> None:
    import asyncio
    import signal

    from gate.bench.control import Control, make_way, serve
    from gate.bench.emulated_devices import EmulatedBench

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    running = EmulatedBench(content.devices, content.plant, plan)
    server = None if control is None else await serve(Control(running), control)
    try:
        running.start()
        for device in content.devices:
            print(f"{device.name}: pty:{device.path.absolute()} ({device.kind}, {device.baud} Bd)")
        print("ready" if control is None else f"ready, control socket {control}", flush=True)
        await stopped.wait()
    finally:
        running.close()
        if server is not None and control is not None:
            server.close()
            make_way(control)


def _refuse(text: str) -> NoReturn:
    print(f"egate emulate: {text}", file=sys.stderr)
    raise typer.Exit(2)
