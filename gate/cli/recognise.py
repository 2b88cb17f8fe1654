"""`egate recognise`: the recognition worker of one gate, until it is stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from drivers.face_camera.sources import CameraSettings
    from gate.config import Config
    from gate.config_capture import Camera
    from gate.recognition.comparers import Comparers, Strictness
    from gate.recognition.document_serving import DocumentServer


def command(
    camera: Annotated[
        str | None,
        typer.Option(
            help="A camera's number, v4l2:/dev/..., file:PATH, rtsp://..., shm:NAME; "
            "without it [camera] of the configuration."
        ),
    ] = None,
    sensor: Annotated[
        str | None,
        typer.Option(
            help="The fingerprint sensor: serial:/dev/..., pty:PATH or folder:PATH; "
            "without it [sensor] of the configuration."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="gate.toml; without it the defaults.")
    ] = None,
    baud: Annotated[int | None, typer.Option(help="The sensor's speed.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Calibrations of rendered travellers; never for a gate.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Start the worker again whenever it ends.")
    ] = False,
) -> None:
    """Capture and compare for the gate of the same configuration. Ends with 0 on SIGTERM.

    [recognition] says how strictly and with which network, and what a suspected attack does.
    """
    from gate.config import load

    if keep:
        _supervise()
    else:
        settings = _told(load(config), camera, sensor, baud)
        _serve(settings, demo=demo)


def _told(config: Config, camera: str | None, sensor: str | None, baud: int | None) -> Config:
    """The configuration with what the command line says. Raises BadParameter for what is missing."""
    from dataclasses import replace

    eye = replace(config.camera, address=camera or config.camera.address)
    skin = replace(
        config.sensor,
        address=sensor or config.sensor.address,
        baud=baud or config.sensor.baud,
    )
    for name, address in (("camera", eye.address), ("sensor", skin.address)):
        if not address:
            raise typer.BadParameter(f"give --{name}, or {name}.address in the configuration")
    return replace(config, camera=eye, sensor=skin)


def _serve(config: Config, *, demo: bool) -> None:
    import asyncio

    from gate.recognition.opening import camera_at, sensor_at
    from gate.recognition.recogniser import Recogniser
    from gate.recognition.serving import serve_until_stopped
    from gate.recognition.worker import beside_the_loop
    from gate.store import SiteKeys, Store
    from gate.store.references import StoreReferences

    keys = SiteKeys.from_file(config.store_key_path)
    references = StoreReferences(lambda: Store.open(config.store_path, keys=keys))
    try:
        like = _camera_settings(config.camera)
        comparers = comparers_of(config, demo=demo)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None

    async def run() -> None:
        recogniser = Recogniser(
            comparers,
            references,
            open_camera=camera_at(config.camera.address, like=like),
            open_sensor=sensor_at(config.sensor.address, config.sensor.baud),
            compute=beside_the_loop(),
        )
        path = Path(config.recognition_address.removeprefix("unix:"))
        await serve_until_stopped(recogniser, path, _documents(config))

    asyncio.run(run())


def _documents(config: Config) -> DocumentServer | None:
    """The document camera, where the gate's reader is one."""
    from drivers.face_camera.sources import CameraSettings
    from gate.config import ReaderKind
    from gate.recognition.camera_reader import CameraReader
    from gate.recognition.document_serving import DocumentServer
    from gate.recognition.opening import camera_at
    from gate.recognition.worker import beside_the_loop

    if config.reader.kind is not ReaderKind.CAMERA:
        return None
    address = config.reader.camera
    like = CameraSettings(address, width=1920, height=1080, frames_per_s=10.0)
    camera = camera_at(address, repeat=True, like=like)
    return DocumentServer(CameraReader(camera, compute=beside_the_loop()), config.documents_path)


def comparers_of(config: Config, *, demo: bool) -> Comparers:
    """What [recognition] names. Raises ValueError for what cannot be loaded or is not supported."""
    from gate.recognition.comparers import FaceModel, load_comparers

    told = config.recognition
    return load_comparers(
        demo=demo,
        strictness=_strictness(config),
        face=FaceModel(told.face_engine, _path(told.face_network), _path(told.face_calibration)),
        finger_calibration_path=_path(told.finger_calibration),
    )


def promise_of(config: Config) -> str:
    """What a gate of this configuration promises. Raises ValueError for what cannot be shown."""
    from gate.recognition.comparers import promise
    from models.face import calibration as face
    from models.fingerprint import calibration as finger

    told = config.recognition
    return promise(
        face.load_calibration(_path(told.face_calibration) or face.SHIPPED),
        finger.load_calibration(_path(told.finger_calibration) or finger.SHIPPED),
        _strictness(config),
    )


def _strictness(config: Config) -> Strictness:
    from gate.recognition.comparers import PadMode, Strictness

    told = config.recognition
    return Strictness(
        told.passage_fmr_rate,
        told.floor_fmr,
        told.face_fmr_rate,
        told.finger_fmr,
        pad=PadMode(told.pad.value),
        pad_challenge=told.pad_challenge,
    )


def _path(name: str) -> Path | None:
    from gate.config_reading import home_expanded

    return Path(home_expanded(name)) if name else None


def _camera_settings(told: Camera) -> CameraSettings:
    """Raises ValueError for a control that no camera has."""
    from drivers.face_camera.sources import CameraSettings

    return CameraSettings(
        told.address,
        width=told.width,
        height=told.height,
        frames_per_s=told.frames_per_s,
        controls=told.control_values(),
        warm_up_s=told.warm_up_s,
    )


def _supervise() -> None:
    """Keep one worker alive; it ends with this process."""
    import signal
    import threading

    from gate.bench.supervisor import Supervisor

    words = [word for word in sys.argv[1:] if word != "--keep"]
    worker = Supervisor([sys.executable, "-m", "gate.cli", *words], _say)
    worker.start()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    worker.stop()


def _say(text: str) -> None:
    print(f"egate recognise: {text}", file=sys.stderr)
