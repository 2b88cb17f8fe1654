"""`egate demo`: emulated travellers through an emulated gate, on a page or told as text."""

from __future__ import annotations

import os
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.bench.fault_desk import Planned
    from gate.config import Config


class RecognitionKind(Enum):
    """Who compares in the demo."""

    REAL = "real"
    EMULATED = "emulated"


class DemoReader(Enum):
    """Who reads the passports in the demo."""

    ELYCTIS = "elyctis"
    CAMERA = "camera"


class _World(Enum):
    """How the page's gate is recognised for: `demo_world --recognition`."""

    WORKER = "worker"
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
    single: Annotated[
        bool, typer.Option("--single", help="Recognise in the gate's own process, not in a worker.")
    ] = False,
    camera: Annotated[
        str | None,
        typer.Option(
            help="Your own face: the number of your webcam, or a video file in its place.",
            metavar="N|PATH",
        ),
    ] = None,
    reader: Annotated[
        DemoReader,
        typer.Option(help="An emulated serial reader, or data pages shown to a document camera."),
    ] = DemoReader.ELYCTIS,
    faults: Annotated[
        Path | None, typer.Option(help="What breaks when: a plan, see docs/devices/faults.md.")
    ] = None,
) -> None:
    """Show a gate with travellers of every kind, from the passport to the outcome."""
    plan = _plan(faults, recognition, reader)
    if camera is not None:
        _check_camera(camera, headless=headless or single, faults=faults)
    if headless:
        _tell(travellers, seed, speed, recognition, plan, reader)
        return
    world = _World(recognition.value)
    if world is _World.REAL and not single:
        world = _World.WORKER
    _check_port(port)
    words = ["--seed", str(seed), "--speed", str(speed or (1.0 if camera else 2.0))]
    words += ["--port", str(port), "--recognition", world.value, "--reader", reader.value]
    words += [] if camera is None else ["--camera", camera]
    words += [] if faults is None else ["--faults", str(faults.absolute())]
    words += ["--browser"] if browser else []
    # What only starts the others and waits needs none of what was imported here.
    os.execv(sys.executable, [sys.executable, "-m", "gate.bench.demo_processes", *words])


def _check_camera(camera: str, *, headless: bool, faults: Path | None) -> None:
    """Whoever has no camera hears it here and not on a page."""
    from drivers.face_camera.sources import absent
    from gate.recognition.opening import camera_address

    if headless:
        raise typer.BadParameter("--camera needs the page: leave out --headless and --single")
    if faults is not None:
        raise typer.BadParameter("--faults breaks emulated devices: leave it out with --camera")
    address = camera_address(camera)
    why_not = absent(address)
    if why_not is not None:
        raise typer.BadParameter(f"{why_not}. Without --camera the demo makes its own faces")
    if not address.startswith(("v4l2:", "file:")):
        raise typer.BadParameter("--camera takes a number, v4l2:/dev/... or a video file")


def _plan(faults: Path | None, recognition: RecognitionKind, reader: DemoReader) -> list[Planned]:
    if faults is None:
        return []
    from gate.bench.fault_desk import FaultError, check_plan
    from gate.bench.fault_plan import read_fault_plan
    from gate.bench.fault_words import words_of_demo

    try:
        plan = read_fault_plan(faults)
        real, page = recognition is RecognitionKind.REAL, reader is DemoReader.CAMERA
        check_plan(words_of_demo(real_recognition=real, document_camera=page), plan)
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
    reader: DemoReader,
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
    told = tell(
        kinds,
        seed=seed,
        speed=speed,
        say=typer.echo,
        config=_config(reader),
        recognition=make,
        plan=plan,
    )
    typer.echo(f"\n{told.summary}")
    if told.errors:
        raise typer.Exit(1)


def _config(reader: DemoReader) -> Config:
    from dataclasses import replace

    from gate.config import Config, Reader, ReaderKind

    if reader is DemoReader.ELYCTIS:
        return Config()
    # What the camera shows is made in this process: the address is never opened.
    return replace(Config(), reader=Reader(kind=ReaderKind.CAMERA, camera="shm:page"))


def _real(seed: int) -> Any:
    from gate.bench.real_recognition import real_recognition
    from gate.bench.rendered import rendered_folder

    return real_recognition(seed, rendered_folder())


def _check_port(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise typer.BadParameter(
                f"port {port} is taken, perhaps by another demo: give another with --port"
            ) from None
