"""The camera reader on the pictures of fixtures/mrz and on what is no MRZ."""

from datetime import date

import cv2
import numpy as np
import pytest

from models.mrz.negatives import KINDS
from models.mrz.picture import load
from models.mrz.reader import read
from models.mrz.synthetic import atlas_cut
from models.mrz.values import CameraReading, Grey, Refusal, Refused
from tests.models.mrz.truth import FIXTURES, TRUTH

TODAY = date(2026, 11, 23)


def accepted(grey: Grey) -> CameraReading:
    """The reading, which must not be a refusal."""
    verdict = read(grey, TODAY)
    assert isinstance(verdict, CameraReading), verdict
    return verdict


@pytest.mark.parametrize("name", TRUTH)
def test_fixtures_are_read_exactly(name: str) -> None:
    """One picture of each format, from easy to rather hard."""
    reading = accepted(load(FIXTURES / name))
    assert reading.lines == TRUTH[name]
    assert reading.format.value == name[:-4].upper()
    assert reading.fields.valid


@pytest.mark.parametrize(
    "turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE]
)
def test_any_orientation_is_read(turn: int) -> None:
    """A page laid sideways or upside-down is read as it is printed."""
    grey = np.asarray(cv2.rotate(load(FIXTURES / "td3.jpg"), turn), dtype=np.uint8)
    assert accepted(grey).lines == TRUTH["td3.jpg"]


def test_every_slot_and_field_has_a_confidence() -> None:
    """Confidences per character have the shape of the lines; per field they are named."""
    reading = accepted(load(FIXTURES / "td1.jpg"))
    assert [len(row) for row in reading.character_confidence] == [30, 30, 30]
    assert set(reading.field_confidence) >= {"document_number", "name", "date_of_birth"}
    assert all(0 <= p <= 1 for row in reading.character_confidence for p in row)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_no_mrz_is_refused(kind: str) -> None:
    """Text, tables, bar codes, parts, mirrored, covered and tampered zones give no reading."""
    rng = np.random.default_rng([99, 1])
    assert isinstance(read(KINDS[kind](atlas_cut("rounded"), rng), TODAY), Refused)


def test_a_mirrored_page_is_never_guessed() -> None:
    """Mirrored letters such as A, H and M are upright letters too; the page is refused."""
    frame = KINDS["mirrored"](atlas_cut("sharp"), np.random.default_rng(3))
    assert isinstance(read(frame, TODAY), Refused)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_picture_is_refused(value: int) -> None:
    """Nothing in sight is a refusal with an instruction, whatever the light."""
    verdict = read(np.full((480, 640), value, np.uint8), TODAY)
    assert isinstance(verdict, Refused)
    assert verdict.message


def test_noise_is_refused() -> None:
    """No reading comes out of noise."""
    noise = np.random.default_rng(1).integers(0, 256, (480, 640)).astype(np.uint8)
    assert isinstance(read(noise, TODAY), Refused)


def test_a_changed_birth_date_is_a_failed_check() -> None:
    """A sharp zone at odds with its check digits is refused for that reason."""
    rng = np.random.default_rng(12)
    frame = KINDS["tampered"](atlas_cut("rounded"), rng)
    verdict = read(frame, TODAY)
    assert isinstance(verdict, Refused)
    assert verdict.reason is not Refusal.NOT_FOUND
