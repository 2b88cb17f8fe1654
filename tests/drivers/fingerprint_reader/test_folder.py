"""Finger images out of a folder."""

from pathlib import Path

import numpy as np
import pytest

from drivers.errors import DeviceFault, LinkLost
from drivers.fingerprint_reader.captures import FingerImage, GreyImage, NoImage
from drivers.fingerprint_reader.folder import ImageFolder
from tests.drivers.document_reader.virtual_time import run_virtual


def decode(content: bytes) -> GreyImage:
    """A file of square raw pixels."""
    side = int(len(content) ** 0.5)
    return np.frombuffer(content, np.uint8).reshape(side, side)


def test_each_image_once_in_order(tmp_path: Path) -> None:
    """Images come by name, other files never, and then no finger comes."""
    for name, value in (("b.png", 2), ("a.png", 1), ("notes.txt", 3)):
        (tmp_path / name).write_bytes(bytes([value]) * 4)

    async def story() -> list[object]:
        folder = ImageFolder(tmp_path, decode)
        taken = [await folder.capture(0.5) for _ in range(3)]
        return [int(t.pixels[0, 0]) if isinstance(t, FingerImage) else t for t in taken]

    assert run_virtual(story()) == [1, 2, NoImage.NO_FINGER]


def test_a_damaged_image_is_named_by_no_name(tmp_path: Path) -> None:
    """The error says what to do; a file name may be a person's and stays out."""
    (tmp_path / "hong-gildong.png").write_bytes(b"12345")
    with pytest.raises(DeviceFault, match="damaged") as caught:
        run_virtual(ImageFolder(tmp_path, decode).capture(0.5))
    assert "hong" not in str(caught.value)


def test_a_missing_folder_is_a_lost_link(tmp_path: Path) -> None:
    """A folder that is not there is like a sensor that is not plugged in."""
    with pytest.raises(LinkLost, match="check its path"):
        run_virtual(ImageFolder(tmp_path / "nowhere", decode).capture(0.5))
