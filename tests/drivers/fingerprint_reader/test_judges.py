"""Two third-party libraries, unmodified, against the emulated fingerprint sensor over a pseudo-terminal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adafruit_fingerprint
import numpy as np
import pytest
import serial
from PIL import Image
from pyfingerprint.pyfingerprint import PyFingerprint

from drivers.fingerprint_reader.emulator import R503, FingerSensorEmulator
from tests.drivers.fingerprint_reader.pictures import finger
from tests.drivers.served import served

HANDSHAKE = bytes.fromhex("EF01FFFFFFFF0100035300 57")
ACKNOWLEDGED = bytes.fromhex("EF01FFFFFFFF07000355005F")
JUDGES = 230_400  # a library that reads byte by byte overruns at more


@pytest.fixture
def port(tmp_path: Path) -> Iterator[tuple[Path, FingerSensorEmulator]]:
    """A sensor on a pseudo-terminal, for libraries that block."""
    path = tmp_path / "finger"
    with served(
        lambda start_s: FingerSensorEmulator(hurry=50), path, JUDGES, any_baud=True
    ) as unit:
        assert isinstance(unit, FingerSensorEmulator)
        yield path, unit


def test_pyfingerprint_unmodified(port: tuple[Path, FingerSensorEmulator], tmp_path: Path) -> None:
    """The library of the ZFM-20 enrols, searches, moves templates and downloads an image."""
    path, unit = port
    judge: Any = PyFingerprint(str(path), 57600, 0xFFFFFFFF, 0)
    assert judge.verifyPassword()
    assert judge.getStorageCapacity() == 1000
    assert judge.getMaxPacketSize() == 128
    assert judge.getBaudRate() == 57600
    assert judge.readImage() is False
    for slot, shift in ((1, 0), (2, 1)):
        unit.place(finger(1, shift=shift))
        assert judge.readImage()
        if slot == 1:
            judge.downloadImage(str(tmp_path / "image.png"))
        assert judge.convertImage(slot)
    picture = np.asarray(Image.open(tmp_path / "image.png"))
    assert np.array_equal(picture >> 4, finger(1) >> 4)
    assert judge.compareCharacteristics() > 0
    assert judge.createTemplate()
    assert judge.storeTemplate(5) == 5
    assert judge.storeTemplate() == 0  # the first free place
    assert judge.getTemplateIndex(0)[:6] == [True, False, False, False, False, True]
    assert judge.getTemplateCount() == 2
    assert judge.searchTemplate()[0] == 0
    assert judge.loadTemplate(5, 2)
    template = judge.downloadCharacteristics(1)
    assert len(template) == 512
    assert judge.uploadCharacteristics(2, template)
    assert judge.generateRandomNumber() != judge.generateRandomNumber()
    assert judge.deleteTemplate(5)
    unit.place(finger(2))
    assert judge.readImage()
    assert judge.convertImage(1)
    assert judge.searchTemplate() == (-1, -1)
    judge.setSecurityLevel(4)
    assert judge.getSecurityLevel() == 4
    judge.setMaxPacketSize(256)
    assert judge.getMaxPacketSize() == 256
    assert judge.clearDatabase()
    assert judge.setPassword(1234)
    assert judge.verifyPassword()
    assert judge.setAddress(0x01020304)
    assert judge.verifyPassword()


def test_adafruit_unmodified(port: tuple[Path, FingerSensorEmulator]) -> None:
    """Adafruit's library, which reads answers of exact sizes, enrols, searches and fetches an image."""
    path, unit = port
    with serial.Serial(str(path), 57600, timeout=5) as uart:
        judge: Any = adafruit_fingerprint.Adafruit_Fingerprint(uart)
        assert judge.check_module()
        assert (judge.library_size, judge.data_packet_size, judge.baudrate) == (1000, 2, 6)
        ok = adafruit_fingerprint.OK
        assert judge.get_image() == adafruit_fingerprint.NOFINGER
        for slot, shift in ((1, 0), (2, 1)):
            unit.place(finger(1, shift=shift))
            assert judge.get_image() == ok
            if slot == 1:
                data = np.array(judge.get_fpdata("image"), dtype=np.uint8)
                pixels = np.column_stack((data >> 4, data & 15)).reshape(288, 256)
                assert np.array_equal(pixels, finger(1) >> 4)
            assert judge.image_2_tz(slot) == ok
        assert judge.compare_templates() == ok
        assert judge.create_model() == ok
        assert judge.store_model(300) == ok
        assert judge.read_templates() == ok
        assert judge.templates == [300]
        assert judge.count_templates() == ok
        assert judge.template_count == 1
        assert judge.finger_search() == ok
        assert judge.finger_id == 300
        assert judge.finger_fast_search() == ok
        assert judge.finger_id == 300
        template = judge.get_fpdata("char", 1)
        assert len(template) == 512
        assert judge.send_fpdata(template, "char", 2)
        assert judge.get_fpdata("char", 2) == template
        unit.place(finger(2))
        assert judge.get_image() == ok
        assert judge.image_2_tz(1) == ok
        assert judge.finger_search() == adafruit_fingerprint.NOTFOUND
        assert judge.set_sysparam(6, 3) == ok
        assert judge.delete_model(300) == ok
        assert judge.load_model(300) == adafruit_fingerprint.DBRANGEFAIL
        assert judge.empty_library() == ok
        judge.soft_reset()
        assert judge.verify_password() == ok


def test_adafruit_unmodified_on_an_r503(tmp_path: Path) -> None:
    """The R503's own things: 192 x 192 pixels both ways, the ring light, 200 places."""
    with served(
        lambda start_s: FingerSensorEmulator(R503, hurry=50),
        tmp_path / "r503",
        JUDGES,
        any_baud=True,
    ) as unit:
        assert isinstance(unit, FingerSensorEmulator)
        with serial.Serial(str(tmp_path / "r503"), 57600, timeout=5) as uart:
            judge: Any = adafruit_fingerprint.Adafruit_Fingerprint(uart)
            ok = adafruit_fingerprint.OK
            assert judge.library_size == 200
            assert judge.set_led(color=2, mode=3) == ok
            assert unit.state.light == (3, 0x80, 2, 0)
            unit.place(finger(3))
            assert judge.get_image() == ok
            image = judge.get_fpdata("image")
            assert len(image) == 192 * 192 // 2
            assert judge.send_fpdata(image, "image")
            assert judge.image_2_tz(1) == ok
            for code, size in enumerate((32, 64, 128, 256)):
                assert judge.set_sysparam(6, code) == ok
                assert unit.packet_bytes == size
                assert len(judge.get_fpdata("char", 1)) == 256
            assert judge.set_sysparam(5, 1) == ok
            assert judge.image_2_tz(2) == adafruit_fingerprint.INVALIDIMAGE


def test_a_new_speed_counts_from_the_next_command(tmp_path: Path) -> None:
    """The answer still comes at the old speed; then only who opens the port at the new one is
    understood, and setting it back works likewise.
    """
    path = tmp_path / "finger"
    with served(lambda start_s: FingerSensorEmulator(hurry=50), path, 57600):
        for now, then in ((57600, 115200), (115200, 57600)):
            judge: Any = PyFingerprint(str(path), now, 0xFFFFFFFF, 0)
            assert judge.verifyPassword()
            judge.setBaudRate(then)
            judge.__del__()
            with serial.Serial(str(path), now, timeout=0.3) as deaf:
                deaf.write(HANDSHAKE)
                assert deaf.read(12) != ACKNOWLEDGED
        judge = PyFingerprint(str(path), 57600, 0xFFFFFFFF, 0)
        assert judge.getBaudRate() == 57600
