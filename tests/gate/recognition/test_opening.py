"""What a configuration says of camera and sensor is what the worker opens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from drivers.fingerprint_reader.captures import FingerImage, NoImage
from gate.cli.recognise import _camera_settings, _told
from gate.config import ConfigError, load
from gate.recognition.opening import sensor_at
from tests.drivers.fingerprint_reader.pictures import finger


def test_a_folder_of_images_is_a_sensor(tmp_path: Path) -> None:
    """Each image once, in the order of the names, then no finger."""
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), finger(number))

    async def story() -> None:
        sensor = await sensor_at(f"folder:{tmp_path}", 0)()
        shots = [await sensor.capture(0.1) for _ in range(3)]
        for number, shot in enumerate(shots[:2], start=1):
            assert isinstance(shot, FingerImage)
            assert np.array_equal(shot.pixels, finger(number))
        assert shots[2] is NoImage.NO_FINGER
        await sensor.close()

    asyncio.run(story())


def test_the_configuration_names_camera_and_sensor(tmp_path: Path) -> None:
    """Size, rate, warm-up and controls of [camera]; the command line outranks the addresses."""
    file = tmp_path / "gate.toml"
    file.write_text(
        '[camera]\naddress = "v4l2:/dev/video9"\nwidth = 640\nwarm_up_s = 2.5\n'
        'controls = "auto_exposure=1 exposure=120"\n'
        '[sensor]\naddress = "serial:/dev/finger"\nbaud = 57600\n'
    )
    told = _told(load(file, {}), None, None, None)
    settings = _camera_settings(told.camera)
    assert (settings.address, settings.width, settings.warm_up_s) == ("v4l2:/dev/video9", 640, 2.5)
    assert settings.controls == {"auto_exposure": 1.0, "exposure": 120.0}
    assert (told.sensor.address, told.sensor.baud) == ("serial:/dev/finger", 57600)
    other = _told(load(file, {}), "file:/x.avi", "pty:/y", 115_200)
    assert (other.camera.address, other.sensor.address, other.sensor.baud) == (
        "file:/x.avi",
        "pty:/y",
        115_200,
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[camera]\naddress = "/dev/video0"', "gate.toml:2: camera.address is"),
        ('[camera]\ncontrols = "exposure 12"', "gate.toml:2: camera.controls is"),
        ('[sensor]\naddress = "/dev/ttyUSB0"', "gate.toml:2: sensor.address is"),
        ("[camera]\nfps = 3", "gate.toml:2: camera.fps is no key of a gate"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, told: str) -> None:
    """File, line, key and mend."""
    file = tmp_path / "gate.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told.split(":")[0]) as caught:
        load(file, {})
    assert told in str(caught.value)


def test_a_worker_without_a_camera_says_where_to_name_one() -> None:
    """Neither the command line nor the configuration names it."""
    with pytest.raises(typer.BadParameter, match=r"camera\.address"):
        _told(load(None, {}), None, "pty:/y", None)
    with pytest.raises(typer.BadParameter, match=r"sensor\.address"):
        _told(load(None, {}), "0", None, None)


def test_an_unknown_control_is_refused_by_name(tmp_path: Path) -> None:
    """What no camera has is told together with what there is."""
    file = tmp_path / "gate.toml"
    file.write_text('[camera]\naddress = "v4l2:/dev/video9"\ncontrols = "exposition=1"\n')
    with pytest.raises(ValueError, match="exposition"):
        _camera_settings(load(file, {}).camera)
