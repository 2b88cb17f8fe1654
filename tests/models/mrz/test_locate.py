"""Lines of print are found whatever their size, gaps and direction; completing finds the rest."""

from datetime import date

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.mrz.classify import default_classifier
from models.mrz.complete import completed
from models.mrz.glyphs import Viewer
from models.mrz.layout import ALPHABET
from models.mrz.locate import zones
from models.mrz.reader import read
from models.mrz.synthetic import atlas_cut, page, specimen
from models.mrz.training.outlines import CELL, UNSEEN_CUTS, draw
from models.mrz.values import CameraReading, Grey, Pyramid, TextLine, Zone
from models.mrz.virtual_camera import SEVERITIES, photograph, random_view

SIZE = (1080, 1920)
Ends = NDArray[np.float64]


def printed(shape: tuple[int, int], pitch: float, wide: float, turn: float) -> tuple[Grey, Ends]:
    """Paper with lines of characters, `wide` times as wide as usual; the lines' true ends."""
    lines, width = shape
    rows, columns = CELL
    rng = np.random.default_rng(width)
    glyphs = atlas_cut("rounded")
    squeeze = np.array([[wide, 0, columns / 2 * (1 - wide)], [0, 1, 0]])
    narrow = [cv2.warpAffine(x, squeeze, (columns, rows)) for x in glyphs]
    paper = np.full(SIZE, 200.0, np.float32)
    middle = np.array([SIZE[1], SIZE[0]]) / 2
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    ends = []
    for line in range(lines):
        centre = middle + across * (line - (lines - 1) / 2) * 2.4 * pitch
        strip = np.hstack([narrow[k] for k in rng.integers(0, len(ALPHABET), width)])
        scale = pitch / columns
        change = np.stack([along * scale, across * scale, centre], 1)
        change[:, 2] -= change[:, :2] @ (np.array([strip.shape[1], rows]) / 2)
        small = cv2.GaussianBlur(strip, (0, 0), 0.35 / scale)
        paper -= 160 / 255 * cv2.warpAffine(small, change, SIZE[::-1]).astype(np.float32)
        reach = along * (width / 2 - 0.2) * pitch
        ends.append([centre - reach, centre + reach])
    return paper.astype(np.uint8), np.array(ends)


def is_at(zone: Zone, ends: Ends, within_px: float) -> bool:
    """Whether the zone's lines end where they should, from either side."""
    if len(zone) != len(ends):
        return False
    found = np.array([[line.left, line.right] for line in zone])
    ways = (ends, ends[::-1], ends[:, ::-1], ends[::-1, ::-1])
    return min(float(np.abs(found - way).max()) for way in ways) < within_px


@settings(max_examples=40, deadline=None)
@given(
    shape=st.sampled_from([(2, 44), (2, 36), (3, 30)]),
    fill=st.floats(0.3, 0.95),
    wide=st.floats(0.75, 1.1),
    turn=st.floats(-np.pi, np.pi),
)
def test_lines_of_any_size_gap_and_direction_are_found(
    shape: tuple[int, int], fill: float, wide: float, turn: float
) -> None:
    """A zone of the right number of lines ends within one and a half characters of the print."""
    reach = fill * min(SIZE[1] / max(abs(np.cos(turn)), 0.1), SIZE[0] / max(abs(np.sin(turn)), 0.1))
    pitch = max(min(reach, SIZE[1]) / (shape[1] + 6), 11.0)
    if pitch * shape[1] * abs(np.sin(turn)) > SIZE[0] - 4 * pitch:
        pitch = (SIZE[0] - 60) / (shape[1] + 4)
    grey, ends = printed(shape, pitch, wide, turn)
    assert any(is_at(zone, ends, 1.5 * pitch) for zone in zones(Pyramid(grey)))


def test_a_large_card_with_wide_gaps_before_fine_lines_is_read() -> None:
    """Print larger than the closings of the whole picture is found in the halved one."""
    rng = np.random.default_rng([9843, 36])
    document = specimen(rng)
    sheet = page(document, draw(UNSEEN_CUTS["narrow"]), rng)
    shot = photograph(sheet, random_view(SEVERITIES["easy"], rng), rng)
    reading = read(shot, date(2026, 11, 28))
    assert isinstance(reading, CameraReading)
    assert reading.lines == document.lines


def test_a_part_of_two_lines_is_completed_to_all_of_them() -> None:
    """Of 44 characters the last 36 were found: the zone goes on to the left, to its true end."""
    grey, ends = printed((2, 44), 30.0, 1.0, 0.1)
    viewer = Viewer(Pyramid(grey), default_classifier())
    share = 8 / 43.6
    parts = [(tuple(a + (b - a) * share), tuple(b)) for a, b in ends]
    zone = tuple(TextLine(left, right, 35.0) for left, right in parts)
    found = list(completed(viewer.picture, viewer.see(zone, 36), viewer.classifier))
    assert any(is_at(whole, ends, 30.0) for whole in found)
    assert not is_at(zone, ends, 30.0)
