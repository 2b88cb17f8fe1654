"""`egate demo`: emulated travellers through an emulated gate, on a page or told as text."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.bench.fault_desk import Planned


class RecognitionKind(Enum):
    """Who compares in the demo."""

    REAL = "real"
    EMULATED = "emulated"


app = typer.Typer(help=__doc__, invoke_without_command=True)


@app.callback()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Tell the passages as text, without a page.")
    ] = False,
    travellers: Annotated[
        str, typer.Option(help="`all`, or kinds separated by commas (headless).", metavar="KINDS")
    ] = "all",
    seed: Annotated[int, typer.Option(help="The same seed tells the same stories.")] = 7,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds told per second; headless: at once.")
    ] = None,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Where the page is.")] = 8443,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
    recognition: Annotated[
        RecognitionKind,
        typer.Option(help="Compare rendered faces and fingers, or only whose they are (quick)."),
    ] = RecognitionKind.REAL,
    faults: Annotated[
        Path | None, typer.Option(help="What breaks when: a plan, see docs/devices/faults.md.")
    ] = None,
) -> None:
    """Show a gate with travellers of every kind, from the passport to the outcome."""
    plan = _plan(faults, recognition)
    if headless:
        _tell(travellers, seed, speed, recognition, plan)
    else:
        _show(seed, speed or 2.0, port, recognition, faults, browser=browser)


def _plan(faults: Path | None, recognition: RecognitionKind) -> list[Planned]:
    if faults is None:
        return []
    from gate.bench.fault_desk import FaultError, check_plan
    from gate.bench.fault_plan import read_fault_plan
    from gate.bench.fault_words import words_of_demo

    try:
        plan = read_fault_plan(faults)
        check_plan(words_of_demo(real_recognition=recognition is RecognitionKind.REAL), plan)
    except FaultError as error:
        print(f"egate demo: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    return plan


def _tell(
    travellers: str,
    seed: int,
    speed: float | None,
    recognition: RecognitionKind,
    plan: list[Planned],
) -> None:
    from gate.bench.actors import KINDS
    from gate.bench.stories import tell

    kinds = list(KINDS) if travellers == "all" else [kind.strip() for kind in travellers.split(",")]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise typer.BadParameter(
            f"no traveller {', '.join(unknown)}: one of {', '.join(KINDS)} or all"
        )
    make = _real(seed) if recognition is RecognitionKind.REAL else None
    told = tell(kinds, seed=seed, speed=speed, say=typer.echo, recognition=make, plan=plan)
    typer.echo(f"\n{told.summary}")
    if told.errors:
        raise typer.Exit(1)


def _real(seed: int) -> Any:
    from gate.bench.real_recognition import real_recognition, rendered_folder

    return real_recognition(seed, rendered_folder())


def _show(
    seed: int,
    speed: float,
    port: int,
    recognition: RecognitionKind,
    faults: Path | None,
    *,
    browser: bool,
) -> None:
    import tempfile
    import webbrowser

    from gate.bench.supervisor import Supervisor
    from gate.web.serve import serve

    with tempfile.TemporaryDirectory(prefix="egate-demo-") as folder:
        words = ["-m", "gate.bench.demo_world", "--folder", folder]
        numbers = ["--seed", str(seed), "--speed", str(speed)]
        words += ["--recognition", recognition.value]
        words += [] if faults is None else ["--faults", str(faults.absolute())]
        world = Supervisor([sys.executable, *words, *numbers], _say)
        world.start()
        address = f"http://127.0.0.1:{port}/"
        typer.echo(f"the gate is at {address} (end with Ctrl-C)")
        if browser:
            webbrowser.open(address)
        try:
            serve(Path(folder) / "control.sock", port)
        finally:
            world.stop()


def _say(text: str) -> None:
    print(f"egate demo: {text}", file=sys.stderr)
