"""Captures with rendered travellers before emulated devices: the drivers and models are real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import pytest

from drivers.fingerprint_reader.emulator import Skin
from gate.bench.demo_desk import Place, comparers
from gate.bench.people import STRANGER
from gate.ports import DeviceError
from gate.recognition.recogniser import Recogniser
from gate.recognition.vault import Pixels
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    FailureKind,
    PassageId,
)
from models.face.synthetic import Scene
from models.pad.report import Cue, PadMode, PadReport
from tests.gate.recognition.desk import (
    ALICE,
    BOB,
    TRAVELLERS,
    Held,
    enrolled,
    now_s,
    recogniser,
    still,
    virtually,
)

PASSAGE = PassageId(1, 1)
Before = Callable[[Place], None]


@pytest.fixture(scope="module")
def templates() -> Mapping[str, bytes]:
    """Alice's, enrolled once."""
    return virtually(lambda: enrolled(ALICE))


def at_gate(
    templates: Mapping[str, bytes], act: Callable[[Recogniser, Place], Coroutine[Any, Any, Any]]
) -> Any:
    """Act before a gate where Alice is enrolled."""

    async def main() -> Any:
        place, references = Place.make("gate-finger", TRAVELLERS, 9), Held()
        references.held[ALICE] = templates
        worker = recogniser(place, references)
        try:
            return await act(worker, place)
        finally:
            await place.close()

    return virtually(main)


def captured(
    templates: Mapping[str, bytes], kind: CaptureKind, before: Before, within_s: float = 30.0
) -> CaptureResult:
    """One capture against Alice, after something was put before the devices."""

    async def act(worker: Recogniser, place: Place) -> CaptureResult:
        before(place)
        return await worker.capture(kind, PASSAGE, ALICE, within_s)

    result: CaptureResult = at_gate(templates, act)
    return result


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        (ALICE, CaptureVerdict.MATCH),
        (BOB, CaptureVerdict.NON_MATCH),
        (STRANGER, CaptureVerdict.NON_MATCH),
    ],
)
def test_the_face_decides(
    templates: Mapping[str, bytes], shown: str, verdict: CaptureVerdict
) -> None:
    """Another face before the camera, another verdict."""
    result = captured(templates, CaptureKind.FACE, lambda p: p.face.show(shown, now_s()))
    assert result.verdict is verdict
    assert result.comparison_score is not None
    assert result.threshold is not None
    assert (result.comparison_score >= result.threshold) is (verdict is CaptureVerdict.MATCH)


@pytest.mark.parametrize(
    ("shown", "verdict", "attempts"),
    [(ALICE, CaptureVerdict.MATCH, 1), (BOB, CaptureVerdict.NON_MATCH, 3)],
)
def test_the_finger_decides(
    templates: Mapping[str, bytes], shown: str, verdict: CaptureVerdict, attempts: int
) -> None:
    """Another finger on the sensor, another verdict, after all attempts were used."""
    result = captured(templates, CaptureKind.FINGER, lambda p: p.finger.show(shown))
    assert (result.verdict, result.attempts) == (verdict, attempts)


@pytest.mark.parametrize(
    ("mode", "verdict", "findings"),
    [
        (PadMode.OFF, CaptureVerdict.MATCH, ()),
        (PadMode.WARN, CaptureVerdict.MATCH, ("presentation",)),
        (PadMode.REFER, CaptureVerdict.FAILURE_TO_ACQUIRE, ("presentation",)),
    ],
)
def test_a_suspected_finger_is_ignored_told_or_referred(
    templates: Mapping[str, bytes],
    mode: PadMode,
    verdict: CaptureVerdict,
    findings: tuple[str, ...],
) -> None:
    """The right finger before a detector that suspects it: what follows is the configured mode's."""
    seen: list[tuple[int, ...]] = []

    def suspects(sample: Pixels) -> PadReport:
        seen.append(sample.shape)
        return PadReport((Cue("pulse", 1.0),))

    async def main() -> CaptureResult:
        place, references = Place.make("pad-finger", TRAVELLERS, 9), Held()
        references.held[ALICE] = templates
        rules = replace(comparers().strictness, pad=mode)
        using = replace(comparers(), strictness=rules, finger_hook=suspects)
        worker = recogniser(place, references, using)
        place.finger.show(ALICE)
        try:
            return await worker.capture(CaptureKind.FINGER, PASSAGE, ALICE, 30.0)
        finally:
            await place.close()

    result = virtually(main)
    assert (result.verdict, result.findings) == (verdict, findings)
    assert len(seen) == (0 if mode is PadMode.OFF else result.attempts)


def test_one_upload_an_attempt(templates: Mapping[str, bytes]) -> None:
    """The image is transferred exactly once for each attempt."""

    async def act(worker: Recogniser, place: Place) -> tuple[int, int]:
        place.finger.show(BOB)
        result = await worker.capture(CaptureKind.FINGER, PASSAGE, ALICE, 30.0)
        return place.sensor.state.images_sent, result.attempts

    assert at_gate(templates, act) == (3, 3)


def test_face_and_finger_at_once(templates: Mapping[str, bytes]) -> None:
    """The face is captured while the finger's image (3.2 s) is on the line; both are told at once."""

    async def act(worker: Recogniser, place: Place) -> tuple[float, float]:
        place.face.show(ALICE, now_s())
        place.finger.show(ALICE)
        began_s = now_s()
        took: dict[CaptureKind, float] = {}

        async def capture(kind: CaptureKind) -> None:
            result = await worker.capture(kind, PASSAGE, ALICE, 30.0)
            assert result.verdict is CaptureVerdict.MATCH
            took[kind] = now_s() - began_s

        await asyncio.gather(*map(capture, CaptureKind))
        return took[CaptureKind.FACE], took[CaptureKind.FINGER]

    face_s, finger_s = at_gate(templates, act)
    assert face_s == finger_s < 4.5


def two_faces(place: Place) -> None:
    """Bob beside Alice."""
    scene = replace(still(ALICE), beside=TRAVELLERS.of(BOB).sitter)
    place.face.set_scene(scene, now_s())


@pytest.mark.parametrize(
    ("before", "finding"),
    [
        (lambda place: None, "no_face"),
        (two_faces, "two_faces"),
        (lambda place: place.face.set_scene(replace(still(ALICE), gain=0.15), now_s()), "dark"),
    ],
    ids=["nobody", "two faces", "dark"],
)
def test_no_usable_face_is_a_failure_to_acquire(
    templates: Mapping[str, bytes], before: Before, finding: str
) -> None:
    """Without one good face nothing is compared; staff read why."""
    result = captured(templates, CaptureKind.FACE, before, within_s=2.0)
    assert result.verdict is CaptureVerdict.FAILURE_TO_ACQUIRE
    assert result.comparison_score is None
    assert finding in result.findings


def half_a_finger(place: Place) -> None:
    """Only an edge of the fingertip touches."""
    picture = place.finger.impression(ALICE).copy()
    picture[:, 80:] = 255
    place.sensor.place(picture)


@pytest.mark.parametrize(
    ("before", "findings"),
    [
        (lambda place: None, {"no_finger"}),
        (half_a_finger, {"too_little_area", "off_centre", "too_few_minutiae", "not_a_finger"}),
        (lambda p: p.sensor.place(p.finger.impression(ALICE), Skin.MOVING), {"poor_contact"}),
    ],
    ids=["no finger", "half a finger", "moving"],
)
def test_no_usable_finger_is_a_failure_to_acquire(
    templates: Mapping[str, bytes], before: Before, findings: set[str]
) -> None:
    """An empty or half image is never compared; staff read why."""
    result = captured(templates, CaptureKind.FINGER, before, within_s=15.0)
    assert result.verdict is CaptureVerdict.FAILURE_TO_ACQUIRE
    assert findings & set(result.findings)


@pytest.mark.parametrize("fault", ["freeze", "blacken"])
def test_a_useless_camera_fails_and_heals(templates: Mapping[str, bytes], fault: str) -> None:
    """A frozen or black camera is a device failure, stays one while it lasts, and heals."""

    async def act(worker: Recogniser, place: Place) -> None:
        place.face.show(ALICE, now_s())
        getattr(place.face.emulator, fault)()
        with pytest.raises(DeviceError) as failed:
            await worker.capture(CaptureKind.FACE, PASSAGE, ALICE, 30.0)
        assert failed.value.kind is FailureKind.FAULTY
        with pytest.raises(DeviceError):
            await worker.recover()
        getattr(place.face.emulator, fault)(False)
        await worker.recover()
        place.face.show(ALICE, now_s())
        result = await worker.capture(CaptureKind.FACE, PASSAGE, ALICE, 30.0)
        assert result.verdict is CaptureVerdict.MATCH

    at_gate(templates, act)


def test_samples_are_gone_at_the_outcome(templates: Mapping[str, bytes]) -> None:
    """`forget` ends captures under way and empties the vault; pixels are overwritten."""

    async def act(worker: Recogniser, place: Place) -> None:
        place.face.set_scene(Scene(), now_s())
        place.finger.show(BOB)
        running = [
            asyncio.create_task(worker.capture(kind, PASSAGE, ALICE, 30.0)) for kind in CaptureKind
        ]
        await asyncio.sleep(5.0)
        samples = worker.vault.open(PASSAGE)
        picture = samples.picture
        assert picture is not None
        assert picture.any()
        assert len(samples.sessions) == 2
        await worker.forget(PASSAGE)
        verdicts = {(await each).verdict for each in running}
        assert verdicts == {CaptureVerdict.FAILURE_TO_ACQUIRE}
        assert len(worker.vault) == 0
        assert not picture.any()
        assert not samples.sessions

    at_gate(templates, act)


def test_a_stranger_has_nothing_to_compare_with(templates: Mapping[str, bytes]) -> None:
    """Without a reference nobody is captured at all."""

    async def act(worker: Recogniser, place: Place) -> CaptureResult:
        place.face.show(ALICE, now_s())
        return await worker.capture(CaptureKind.FACE, PASSAGE, BOB, 30.0)

    result = at_gate(templates, act)
    assert result.verdict is CaptureVerdict.FAILURE_TO_ACQUIRE
    assert result.findings == ("no_usable_reference",)


def test_a_damaged_reference_is_none(templates: Mapping[str, bytes]) -> None:
    """A template that cannot be read refers instead of matching anybody, and says to enrol again."""
    damaged = {kind: data[:-3] + b"xyz" for kind, data in templates.items()}
    face = captured(damaged, CaptureKind.FACE, lambda p: p.face.show(ALICE, now_s()))
    assert face.verdict is CaptureVerdict.FAILURE_TO_ACQUIRE
    assert face.findings == ("enrol_again",)
