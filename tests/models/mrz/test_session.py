"""A capture session: what each frame adds, and when it ends."""

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from models.mrz import session
from models.mrz.decode import decode
from models.mrz.judge import judge
from models.mrz.layout import ALPHABET
from models.mrz.picture import load
from models.mrz.reader import Seen
from models.mrz.session import Feedback, Instruction, SessionState, observe
from models.mrz.synthetic import atlas_cut, page, specimen
from models.mrz.values import CameraReading, Glyphs, Grey
from models.mrz.virtual_camera import photograph, random_view
from tests.models.mrz.truth import FIXTURES, TRUTH

TODAY = date(2026, 11, 23)
LINES = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
PICTURE = np.full((300, 1200), 200, np.uint8)


def test_a_session_ends_with_the_first_sure_frame() -> None:
    """Empty frames ask for the page; the first clear one gives the reading."""
    empty = np.full((720, 1280), 90, np.uint8)
    state, feedback = observe(SessionState(), empty, TODAY)
    assert isinstance(feedback, Feedback)
    assert feedback.instruction is Instruction.SHOW_PAGE
    state, reading = observe(state, load(FIXTURES / "td3.jpg"), TODAY)
    assert isinstance(reading, CameraReading)
    assert reading.lines == TRUTH["td3.jpg"]
    assert state.frames == 2


def test_frames_of_one_page_are_fused() -> None:
    """Frames that are refused alone add up, or are refused again; they never give a wrong text."""
    rng = np.random.default_rng(8)
    document = specimen(rng)
    sheet = page(document, atlas_cut("sharp"), rng)
    state = SessionState()
    for _ in range(4):
        state, result = observe(
            state, photograph(sheet, random_view(1.0, rng), rng, (720, 1280)), TODAY
        )
        if isinstance(result, CameraReading):
            assert result.lines == document.lines
            return
    assert state.fused_frames > 0


def glyphs_of(lines: tuple[str, ...], beside_px: float = 0.0) -> Glyphs:
    """Every character plain to see, the first line's place so many pixels beside the second's."""
    shares = np.full((len(lines), len(lines[0]), 38), 1e-9)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            shares[row, column, ALPHABET.index(character)] = 1.0
    logs = np.log(shares / shares.sum(-1, keepdims=True)).astype(np.float32)
    corners = np.array(
        [[[50 + beside_px, 100], [850 + beside_px, 100]], [[50, 145], [850, 145]]], np.float32
    )
    return Glyphs(logs, 1.0, 1.0, 18.6, corners, 1.0)


def doubted(glyphs: Glyphs, column: int, shares: dict[str, float]) -> Glyphs:
    """One character of the first line as likely each of these."""
    row: NDArray[np.float32] = glyphs.log_probabilities[0, column]
    row[:] = np.log(1e-6)
    for character, share in shares.items():
        row[ALPHABET.index(character)] = np.log(share)
    return glyphs


def after(monkeypatch: pytest.MonkeyPatch, frames: list[Glyphs]) -> Feedback | CameraReading:
    """The answer to the last of frames in which these are what the reader sees."""
    views = iter(frames)

    def look(grey: Grey, today: date, *, most_zones: int, complete: bool) -> Seen:
        glyphs = next(views)
        decoded = decode(glyphs.log_probabilities)
        return Seen(glyphs, decoded, judge(grey, glyphs, decoded, today))

    monkeypatch.setattr(session, "look", look)
    state = SessionState()
    for _ in frames:
        state, answer = observe(state, PICTURE, TODAY)
    return answer


def test_doubts_of_two_frames_that_agree_are_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A character too doubtful in each of two frames is sure in both together."""
    one, other = (doubted(glyphs_of(LINES), 5, {"E": 0.9, "F": 0.1}) for _ in range(2))
    assert isinstance(after(monkeypatch, [one]), Feedback)
    assert isinstance(after(monkeypatch, [one, other]), CameraReading)


def test_frames_that_lean_the_same_way_stay_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar that every frame smears is not seen three times: 6 to 1 in each is not 200 to 1."""
    frames = [doubted(glyphs_of(LINES), 12, {"N": 0.85, "H": 0.15}) for _ in range(3)]
    assert isinstance(after(monkeypatch, frames), Feedback)


def test_a_line_seen_one_place_beside_does_not_spoil_the_next_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is off the print is not added up: it would belie every character of the right view."""
    off = glyphs_of(("P" + LINES[0][:-1], LINES[1]), beside_px=-18.6)
    assert isinstance(after(monkeypatch, [off]), Feedback)
    assert isinstance(after(monkeypatch, [off, glyphs_of(LINES)]), CameraReading)


def test_a_frame_that_is_sure_alone_counts_unless_the_others_say_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Older doubts do not hold a reading back, an older contradiction does."""
    unsure = doubted(glyphs_of(LINES), 5, {"F": 0.6, "E": 0.4})
    belying = doubted(glyphs_of(LINES), 5, {"F": 0.9797, "E": 1e-6, "P": 0.0203})
    plain = doubted(glyphs_of(LINES), 5, {"E": 0.99, "F": 0.01})
    assert isinstance(after(monkeypatch, [unsure, plain]), CameraReading)
    assert isinstance(after(monkeypatch, [belying, plain]), Feedback)
