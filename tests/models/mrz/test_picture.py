"""Picture files of every kind end as a grey array or as a refusal that says why."""

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from gate.cli.mrz import app
from models.mrz.picture import BadPicture, from_array, load

FIXTURES = Path(__file__).parents[3] / "fixtures" / "mrz"


def saved(path: Path, picture: Image.Image, **options: Any) -> Path:
    """The picture written to this file."""
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "P", "1", "LA", "I;16"])
def test_every_colour_model_becomes_grey(tmp_path: Path, mode: str) -> None:
    """Colour models that cameras and scanners write are all read."""
    source = Image.new("L", (80, 60), 200)
    picture = Image.new("I;16", (80, 60), 40000) if mode == "I;16" else source.convert(mode)
    grey = load(saved(tmp_path / ("x.tif" if mode in ("CMYK", "I;16") else "x.png"), picture))
    assert grey.shape == (60, 80)
    assert grey.dtype == np.uint8


def test_exif_orientation_is_followed(tmp_path: Path) -> None:
    """A phone writes pixels lying and a tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "x.jpg", Image.new("L", (80, 40)), exif=exif)
    assert load(path).shape == (80, 40)


def test_an_animation_gives_its_first_picture(tmp_path: Path) -> None:
    """An animated GIF is a picture, not an error."""
    frames = [Image.new("L", (60, 40), shade) for shade in (10, 200)]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    assert load(tmp_path / "x.gif").mean() < 60


@pytest.mark.parametrize(
    "content", [b"", b"no picture at all", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, wrong and cut files end as BadPicture."""
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(BadPicture):
        load(path)


def test_a_truncated_picture_is_refused(tmp_path: Path) -> None:
    """Half a JPEG is not read as half a page."""
    path = tmp_path / "x.jpg"
    path.write_bytes((FIXTURES / "td3.jpg").read_bytes()[:20000])
    with pytest.raises(BadPicture, match="cut off"):
        load(path)


def test_a_huge_picture_is_not_unpacked(tmp_path: Path) -> None:
    """A hundred megapixels of PNG are refused before decoding; of JPEG they are decoded smaller."""
    huge = Image.new("L", (10_000, 10_000), 255)
    with pytest.raises(BadPicture, match="scale"):
        load(saved(tmp_path / "x.png", huge))
    assert max(load(saved(tmp_path / "x.jpg", huge)).shape) <= 5000


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(2, 4000), st.binary(min_size=1, max_size=40))
def test_damaged_files_never_raise_anything_else(tmp_path: Path, at: int, junk: bytes) -> None:
    """Bytes overwritten anywhere give a picture or BadPicture."""
    content = bytearray((FIXTURES / "td3.jpg").read_bytes())
    content[at : at + len(junk)] = junk
    path = tmp_path / "x.jpg"
    path.write_bytes(bytes(content))
    try:
        assert load(path).ndim == 2
    except BadPicture:
        return


def test_frames_of_another_type_are_refused() -> None:
    """A float frame is a programmer's error with a message."""
    with pytest.raises(ValueError, match="uint8"):
        from_array(np.zeros((100, 100), np.float32))
    assert from_array(np.zeros((100, 120, 3), np.uint8)).shape == (100, 120)


def test_the_command_reads_a_folder_and_exits_1_if_any_is_refused(tmp_path: Path) -> None:
    """One JSON object a line, refused files with a reason, no traceback."""
    (tmp_path / "td3.jpg").write_bytes((FIXTURES / "td3.jpg").read_bytes())
    (tmp_path / "wrong.png").write_bytes(io.BytesIO(b"text").getvalue())
    result = CliRunner().invoke(app, ["read", str(tmp_path), "--json"])
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert len(lines) == 2
    assert '"format": "TD3"' in lines[0]
    assert '"reason": "bad_image"' in lines[1]


def test_the_command_takes_several_files(tmp_path: Path) -> None:
    """Each file gets its line, in the order given, with its check digits and what was repaired."""
    names = [str(FIXTURES / "td1.jpg"), str(FIXTURES / "mrva.jpg")]
    result = CliRunner().invoke(app, ["read", *names, "--json"])
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [record["file"] for record in records] == names
    assert [record["format"] for record in records] == ["TD1", "MRVA"]
    assert all(all(record["check_digits"].values()) for record in records)
    assert all({"lines", "fields", "confidence", "repaired", "ms"} <= set(x) for x in records)
    assert not any("optional" in name for record in records for name in record["fields"])


def test_a_folder_without_pictures_is_a_wrong_call(tmp_path: Path) -> None:
    """An empty folder is no success."""
    result = CliRunner().invoke(app, ["read", str(tmp_path)])
    assert result.exit_code == 2


def test_a_video_is_read_until_it_is_sure(tmp_path: Path) -> None:
    """Frames without a page, then the page: read; a video that ends before it is refused."""
    page = np.asarray(cv2.imread(str(FIXTURES / "td3.jpg")), dtype=np.uint8)
    empty = np.full_like(page, 90)
    for name, frames in (("read", [empty, page]), ("ends", [empty, empty])):
        path = str(tmp_path / f"{name}.avi")
        video = cv2.VideoWriter(
            path, cv2.VideoWriter.fourcc(*"MJPG"), 5, (page.shape[1], page.shape[0])
        )
        for frame in frames:
            video.write(frame)
        video.release()
    (tmp_path / "wrong.mp4").write_bytes(b"no video")
    result = CliRunner().invoke(app, ["read", str(tmp_path), "--json"])
    ends, is_read, wrong = (json.loads(line) for line in result.stdout.splitlines())
    assert is_read["format"] == "TD3"
    assert ends["refused"]["reason"] == "not_found"
    assert wrong["refused"]["reason"] == "bad_image"


def test_the_command_parses_text() -> None:
    """Text on standard input is parsed; a malformed one exits 1 with the reason."""
    good = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"
    assert CliRunner().invoke(app, ["parse"], input=good).exit_code == 0
    assert CliRunner().invoke(app, ["parse"], input="P<UTO\n").exit_code == 1
