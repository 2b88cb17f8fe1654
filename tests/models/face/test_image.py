"""Any picture becomes RGB or a refusal that says what to do."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.face.image import LONGEST_SIDE, as_rgb, decode, load
from models.face.values import BadImage, Picture


def gradient(rows: int = 80, columns: int = 100) -> Picture:
    """A picture whose channels differ."""
    y, x = np.mgrid[:rows, :columns]
    return np.stack([x * 2, y * 3, np.full_like(x, 90)], axis=2).astype(np.uint8)


def test_grey_is_repeated() -> None:
    """A grey picture has three equal channels."""
    grey = gradient()[..., 0]
    assert (as_rgb(grey) == grey[..., None]).all()


def test_sixteen_bit_is_scaled() -> None:
    """The upper eight of sixteen bits stay."""
    assert (as_rgb(gradient().astype(np.uint16) * 257) == gradient()).all()


def test_float_is_scaled() -> None:
    """Floats from 0 to 1 become 0 to 255."""
    assert (as_rgb(gradient() / 255.0) == gradient()).all()


def test_transparent_parts_become_grey() -> None:
    """Where nothing is shown there is neither black nor white to be taken for hair or light."""
    rgba = np.dstack([gradient(), np.zeros((80, 100), np.uint8)])
    assert (as_rgb(rgba) == 128).all()


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff", ".webp", ".jpg"])
def test_files_are_read_in_rgb(tmp_path: Path, suffix: str) -> None:
    """Red stays red in every format."""
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 250
    path = tmp_path / f"red{suffix}"
    assert cv2.imwrite(str(path), red[..., ::-1])
    assert np.abs(load(path).astype(int) - red).max() < 12


def test_sixteen_bit_png_with_alpha_is_read() -> None:
    """Depth and transparency are reduced on reading."""
    deep = np.dstack([gradient()[..., ::-1], np.full((80, 100), 255, np.uint8)]).astype(np.uint16)
    done, data = cv2.imencode(".png", deep * 257)
    assert done
    assert np.abs(decode(data.tobytes()).astype(int) - gradient()).max() <= 1


def test_cmyk_jpeg_is_read() -> None:
    """A JPEG for print shows the same colours."""
    buffer = io.BytesIO()
    Image.fromarray(gradient()).convert("CMYK").save(buffer, "JPEG", quality=95)
    assert np.abs(decode(buffer.getvalue()).astype(int) - gradient()).mean() < 12


def test_8k_is_reduced() -> None:
    """Memory and time stay bounded whatever the camera gives."""
    assert max(as_rgb(np.zeros((4320, 7680, 3), np.uint8)).shape) == LONGEST_SIDE


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((20, 20, 3), np.uint8),
        np.zeros((80, 80, 7), np.uint8),
        np.zeros((80,), np.uint8),
        np.full((80, 80), np.nan),
        np.zeros((80, 80), np.int64),
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(bad: np.ndarray) -> None:
    """Twenty pixels, seven channels, no numbers: refused with a reason."""
    with pytest.raises(BadImage):
        as_rgb(bad)


@given(st.binary(max_size=300))
def test_damaged_bytes_are_refused(data: bytes) -> None:
    """Bytes that are no picture never get further than the decoder."""
    with pytest.raises(BadImage):
        decode(data)


def test_a_cut_file_is_refused_or_read_whole(tmp_path: Path) -> None:
    """A PNG cut in half gives no half face."""
    done, data = cv2.imencode(
        ".png", np.random.default_rng(0).integers(0, 255, (90, 90, 3), np.uint8)
    )
    assert done
    with pytest.raises(BadImage):
        decode(data.tobytes()[:60])


def test_a_missing_file_is_told_without_its_path(tmp_path: Path) -> None:
    """The message names the trouble, not where somebody's photo lies."""
    with pytest.raises(BadImage) as told:
        load(tmp_path / "missing.jpg")
    assert str(tmp_path) not in str(told.value)
