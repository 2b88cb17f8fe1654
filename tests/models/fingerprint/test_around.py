"""What stands around extraction and comparison: images, refusals, sessions, search, calibration, made-up fingers."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from models.fingerprint import image, session
from models.fingerprint.calibration import (
    DEMO,
    SHIPPED,
    SYNTHETIC,
    CalibrationError,
    calibrate,
    dump_calibration,
    load_calibration,
)
from models.fingerprint.comparison import compare, prepare
from models.fingerprint.extraction import Extraction, extract
from models.fingerprint.identification import build_index, first_stage, identify
from models.fingerprint.reasons import reasons
from models.fingerprint.records import Standard, decode, encode, from_template
from models.fingerprint.refusal import RetryReason, retry_reason
from models.fingerprint.synthetic import FingerClass, SyntheticFinger, synthetic_finger
from models.fingerprint.synthetic_impression import Condition, Sensor, impression
from models.fingerprint.values import Minutiae
from models.fingerprint.warm import warm_up

Gray = NDArray[np.uint8]


def saved(pixels: Gray, form: str, **details: object) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **details)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_give_the_same_pixels(images: list[list[Gray]], form: str) -> None:
    """PNG, BMP, TIFF and PGM at 500 dpi are read pixel by pixel."""
    assert np.array_equal(image.load(saved(images[0][0], form)).pixels, images[0][0])


def test_wsq_is_read(images: list[list[Gray]]) -> None:
    """A print packed as WSQ comes back nearly the same."""
    import wsq  # noqa: F401  (registers the format for writing)

    loaded = image.load(saved(images[0][0], "WSQ")).pixels
    assert loaded.shape == images[0][0].shape
    assert np.abs(loaded.astype(int) - images[0][0]).mean() < 12


def test_a_stated_resolution_is_resampled(images: list[list[Gray]]) -> None:
    """1,000 dpi is halved, a screen's 72 dpi means nothing, and the caller's word counts most."""
    twice = np.repeat(np.repeat(images[0][0], 2, 0), 2, 1)
    assert image.load(saved(twice, "PNG", dpi=(1000, 1000))).pixels.shape == images[0][0].shape
    unstated = image.load(saved(images[0][0], "PNG", dpi=(72, 72)))
    assert (unstated.pixels.shape, unstated.stated) == (images[0][0].shape, False)
    assert (
        image.load(saved(twice, "PNG", dpi=(72, 72)), dpi=1000).pixels.shape == images[0][0].shape
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not an image"),
        (b"hello, this is text", "not an image"),
        (b"FMR\0 20\0", "not an image"),
        (saved(np.zeros((300, 300), np.uint8), "PNG")[:60], "damaged|not an image"),
        (saved(np.zeros((300, 300), np.uint8), "PNG", dpi=(50, 50)), "50 dpi"),
        (saved(np.zeros((20, 30), np.uint8), "PNG"), "no print fits"),
        (saved(np.zeros((2000, 2000), np.uint8), "PNG"), "cut out one finger"),
    ],
)
def test_an_image_that_cannot_be_a_print_is_told_why(data: bytes, told: str) -> None:
    """Broken files and impossible sizes are ValueErrors that say what is wrong."""
    with pytest.raises(ValueError, match=told):
        image.load(data)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"P5\n", b"\xff\xa0\xff\xa4"]),
)
def test_no_bytes_crash_the_decoder(noise: bytes, head: bytes) -> None:
    """Anything at all is an image or a ValueError."""
    try:
        image.load(head + noise)
    except ValueError:
        return


def written() -> Gray:
    """A page of text."""
    import cv2

    page = np.full((300, 300), 255, np.uint8)
    for line in range(9):
        cv2.putText(
            page,
            "No finger is on this page",
            (5, 30 + 32 * line),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.6,
            0,
            2,
        )
    return page


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_image_has_no_finger(value: int) -> None:
    """Black, grey and white are refused as empty."""
    assert retry_reason(extract(np.full((300, 300), value, np.uint8))) is RetryReason.NO_FINGER


def test_what_is_no_finger_is_refused() -> None:
    """Noise and text have no ridges of a finger."""
    noise = np.random.default_rng(0).integers(0, 256, (300, 300)).astype(np.uint8)
    for picture in (noise, written()):
        assert retry_reason(extract(picture)) in (RetryReason.NOT_A_FINGER, RetryReason.LOW_QUALITY)


def test_two_fingers_are_refused(fingers: list[SyntheticFinger]) -> None:
    """Two separate prints in one image are not one print."""
    small = Condition(contact=0.32)
    both = [impression(finger, 5, Sensor.ZFM_256X288, small) for finger in fingers]
    ground = np.full((288, 60), 225, np.uint8)
    assert retry_reason(extract(np.hstack([both[0], ground, both[1]]))) is RetryReason.TWO_FINGERS


def test_two_fingers_that_touch_are_refused(fingers: list[SyntheticFinger]) -> None:
    """No gap between them, but wider than one finger can be."""
    full = Condition(contact=1.0)
    both = [impression(finger, 5, Sensor.CAPACITIVE_300X300, full) for finger in fingers]
    assert retry_reason(extract(np.hstack(both))) is RetryReason.TWO_FINGERS


def test_a_sliver_is_too_little(images: list[list[Gray]]) -> None:
    """A narrow strip of a finger says so, or that it lies off centre."""
    strip = np.full_like(images[0][0], 245)
    strip[:60, :120] = images[0][0][150:210, 130:250]
    wanted = (RetryReason.TOO_LITTLE_AREA, RetryReason.OFF_CENTRE)
    assert retry_reason(extract(strip)) in wanted


def test_good_prints_are_not_refused(prints: list[list[Extraction]]) -> None:
    """Careful impressions pass, upside down as well."""
    for pair in prints:
        for found in pair:
            assert retry_reason(found) is None
    assert retry_reason(extract(np.ascontiguousarray(prints[0][0].image[::-1, ::-1]))) is None


def test_quality_falls_with_the_print(fingers: list[SyntheticFinger]) -> None:
    """Dry, blotched and small prints have less quality than a careful one."""
    conditions = (Condition(), Condition(moisture=-1.0, blotches=0.3), Condition(contact=0.35))
    values = [
        extract(impression(fingers[0], 9, Sensor.OPTICAL_388X374, placed)).template.quality
        for placed in conditions
    ]
    assert values[0] > max(values[1:])


def record(found: Extraction) -> bytes:
    """The ISO record of a print."""
    return encode(from_template(found.template, Standard.ISO_19794_2_2005))


def test_a_session_ends_in_a_match(
    images: list[list[Gray]], prints: list[list[Extraction]]
) -> None:
    """An empty image asks for another try, the right finger then matches."""
    plan = session.plan_session([record(prints[0][0])], load_calibration(DEMO, demo=True), fmr=0.01)
    state, told = session.offer(plan, session.SessionState(), np.full((300, 300), 240, np.uint8))
    assert told == session.CaptureRetry(RetryReason.NO_FINGER, attempts_left=2)
    state, verdict = session.offer(plan, state, images[0][1])
    assert isinstance(verdict, session.FingerVerdict)
    assert (verdict.match, state.used) == (True, 2)
    assert verdict.comparison_score >= verdict.threshold


def test_a_session_ends_without_a_match(
    images: list[list[Gray]], prints: list[list[Extraction]]
) -> None:
    """Somebody else's finger uses up the attempts and is a non-match, not a failure to acquire."""
    plan = session.plan_session(
        [record(prints[0][0])], load_calibration(DEMO, demo=True), fmr=0.01, attempts=2
    )
    state, told = session.offer(plan, session.SessionState(), images[1][0])
    assert isinstance(told, session.CaptureRetry)
    _, verdict = session.offer(plan, state, images[1][1])
    assert isinstance(verdict, session.FingerVerdict)
    assert (verdict.match, verdict.failure_to_acquire) == (False, False)


def test_a_session_without_a_print_fails_to_acquire(prints: list[list[Extraction]]) -> None:
    """No usable image at all is a failure to acquire with score 0."""
    plan = session.plan_session(
        [record(prints[0][0])], load_calibration(DEMO, demo=True), fmr=0.01, attempts=1
    )
    _, verdict = session.offer(plan, session.SessionState(), np.zeros((300, 300), np.uint8))
    assert isinstance(verdict, session.FingerVerdict)
    assert (verdict.match, verdict.failure_to_acquire, verdict.comparison_score) == (
        False,
        True,
        0.0,
    )


def test_more_attempts_ask_for_more(prints: list[list[Extraction]]) -> None:
    """The FMR is that of the passage: with three attempts each comparison has a higher threshold."""
    calibration = load_calibration(DEMO, demo=True)
    one, three = (
        session.plan_session(
            [record(prints[0][0])], calibration, fmr=0.01, attempts=attempts
        ).threshold
        for attempts in (1, 3)
    )
    assert three > one


def test_a_moved_finger_is_noticed(images: list[list[Gray]]) -> None:
    """Two frames of a still finger agree, those of a shifted one do not."""
    first = images[0][0]
    noisy = np.clip(first + np.random.default_rng(1).normal(0, 5, first.shape), 0, 255).astype(
        np.uint8
    )
    assert session.still(first, noisy)
    assert not session.still(first, np.roll(first, (4, 5), (0, 1)))


def test_enrolment_needs_two_captures_that_agree(images: list[list[Gray]]) -> None:
    """Two impressions of one finger give a record, of two fingers a reason."""
    calibration = load_calibration()
    made = session.enrol(images[0], 0.01, calibration, position=2)
    assert isinstance(made, bytes)
    assert decode(made).views[0].position == 2
    assert isinstance(session.enrol([images[0][0], images[1][0]], 0.01, calibration), RetryReason)


def at_random(rng: np.random.Generator, count: int) -> Minutiae:
    """Minutiae that belong to nobody."""
    x, y = rng.uniform(30, 330, (2, count)).astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    return Minutiae(x, y, angle, np.ones(count, np.uint8), np.full(count, 60, np.uint8))


def test_search_finds_the_duplicate(prints: list[list[Extraction]]) -> None:
    """The enrolled finger is found among others, and a stranger's is not."""
    rng = np.random.default_rng(8)
    shuffled = [replace(prints[1][0].template, minutiae=at_random(rng, 35)) for _ in range(20)]
    others = [prepare(template) for template in shuffled]
    index = build_index([*others, prepare(prints[0][0].template)])
    threshold = load_calibration().threshold(0.01)
    probe = prepare(prints[0][1].template)
    assert int(np.argmax(first_stage(index, probe))) == 20
    assert [found.place for found in identify(index, probe, threshold)] == [20]
    assert identify(index, prepare(prints[1][0].template), threshold) == []


def test_an_empty_index_finds_nothing(prints: list[list[Extraction]]) -> None:
    """Nobody enrolled, nobody found."""
    assert identify(build_index([]), prepare(prints[0][0].template), 0.0) == []


def test_reasons_name_what_stands_against(prints: list[list[Extraction]]) -> None:
    """A non-match says whether it is for too few minutiae or because the prints differ."""
    few = prints[0][0].template.minutiae.take(np.arange(4))
    small = replace(prints[0][0].template, minutiae=few)
    whole = prints[1][0].template
    told = reasons(small, whole, compare(prepare(small), prepare(whole)), 90.0)
    assert any("has 4 minutiae" in line for line in told)
    found = compare(prepare(prints[0][0].template), prepare(whole))
    assert reasons(prints[0][0].template, whole, found, 90.0)[0].startswith("non-match")


def test_a_calibration_is_written_and_read(tmp_path: Path) -> None:
    """Thresholds rise as the FMR falls, and survive the file."""
    scores = np.random.default_rng(2).gamma(4, 10, 20000)
    made = calibrate(scores, 5000, "real", "a set", "2026-01-01")
    path = tmp_path / "calibration.toml"
    path.write_text(dump_calibration(made))
    again = load_calibration(path)
    thresholds = [again.threshold(fmr) for fmr in (0.1, 0.01, 0.001)]
    assert thresholds == sorted(thresholds)
    for fmr, threshold in zip((0.1, 0.01, 0.001), thresholds, strict=True):
        assert (scores >= threshold).mean() == pytest.approx(fmr, rel=0.2)
        assert again.fmr(threshold) == pytest.approx(fmr, rel=0.01)


def test_few_fingers_give_a_bench_calibration() -> None:
    """Below 3,000 pairs of fingers no FMR under one per cent is claimed."""
    made = calibrate(
        np.random.default_rng(2).gamma(4, 10, 20000), 190, "real", "a set", "2026-01-01"
    )
    assert made.grade.startswith("bench")
    assert made.fmr(1e9) == 0.01
    with pytest.raises(CalibrationError, match="not supported"):
        made.threshold(0.001)


def test_synthetic_calibrations_are_for_the_demo_only() -> None:
    """The demo's calibration is refused unless the caller says demo."""
    with pytest.raises(CalibrationError, match="demo only"):
        load_calibration(DEMO)
    assert load_calibration(DEMO, demo=True).source == SYNTHETIC
    assert load_calibration(SHIPPED).source == "real"


@pytest.mark.parametrize("text", ["", "source = 1", "nonsense", 'source = "real"\npoints = []'])
def test_a_broken_calibration_is_named(tmp_path: Path, text: str) -> None:
    """A file that is no calibration is a CalibrationError."""
    path = tmp_path / "calibration.toml"
    path.write_text(text)
    with pytest.raises(CalibrationError):
        load_calibration(path)


def test_made_up_fingers_are_seeded(
    fingers: list[SyntheticFinger], images: list[list[Gray]]
) -> None:
    """A seed gives the same finger and the same impression, another seed others."""
    again = synthetic_finger(0, FingerClass.WHORL)
    assert np.array_equal(again.ridges, fingers[0].ridges)
    placed = Condition(contact=0.9, distortion_px=1.0)
    assert np.array_equal(impression(again, 0, Sensor.OPTICAL_388X374, placed), images[0][0])
    assert not np.array_equal(impression(again, 1, Sensor.OPTICAL_388X374, placed), images[0][0])


def test_the_zfm_sensor_sends_sixteen_greys(fingers: list[SyntheticFinger]) -> None:
    """The model of the serial sensor has 256 x 288 pixels of four bits."""
    picture = impression(fingers[0], 3, Sensor.ZFM_256X288)
    assert picture.shape == (288, 256)
    assert set(np.unique(picture).tolist()) <= {17 * level for level in range(16)}


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Numba and OpenCV come with the first name that is used, not with the package."""
    code = (
        "import sys, models.fingerprint; print(sorted({'numba', 'cv2', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_warm_up_tells_its_progress() -> None:
    """Progress runs from 0 to all steps."""
    seen: list[tuple[int, int, str]] = []
    warm_up(lambda done, total, what: seen.append((done, total, what)))
    assert [done for done, _, _ in seen] == list(range(seen[0][1] + 1))
