"""The pictures decide: the files of two travellers swapped change the outcome."""

import asyncio
from pathlib import Path

from gate.bench.demo_desk import Place
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.vocabulary.passages import CaptureKind, CaptureVerdict, PassageId
from tests.gate.recognition.desk import (
    ALICE,
    BOB,
    TRAVELLERS,
    Held,
    enrolled,
    now_s,
    recogniser,
    virtually,
)


def swap(folder: Path, what: str) -> None:
    """Exchange the two people's files of one kind."""
    first, second = sorted(folder.glob(f"{what}-*.npz"))
    aside = folder / "aside"
    first.rename(aside)
    second.rename(first)
    aside.rename(second)


async def verdicts(travellers: SyntheticTravellers, references: Held) -> list[CaptureVerdict]:
    """Alice at the gate: face and finger."""
    place = Place.make("swapped-finger", travellers, 9)
    worker = recogniser(place, references)
    try:
        place.face.show(ALICE, now_s())
        place.finger.show(ALICE)
        captures = (worker.capture(k, PassageId(1, 1), ALICE, 30.0) for k in CaptureKind)
        return [result.verdict for result in await asyncio.gather(*captures)]
    finally:
        await place.close()


def test_swapped_files_swap_the_outcome(tmp_path: Path) -> None:
    """Whoever has Bob's pictures under Alice's name is not Alice; put back, she is again."""
    references = Held()
    references.held[ALICE] = virtually(lambda: enrolled(ALICE))
    travellers = SyntheticTravellers(5, tmp_path)
    for who in (ALICE, BOB):
        travellers.of(who)

    def at_gate() -> list[CaptureVerdict]:
        travellers.drop()
        return virtually(lambda: verdicts(travellers, references))

    right, wrong = CaptureVerdict.MATCH, CaptureVerdict.NON_MATCH
    assert at_gate() == [right, right]
    swap(tmp_path, "face")
    assert at_gate() == [wrong, right]
    swap(tmp_path, "finger")
    assert at_gate() == [wrong, wrong]
    swap(tmp_path, "face")
    swap(tmp_path, "finger")
    assert at_gate() == [right, right]
    assert TRAVELLERS.of(ALICE).finger.seed == travellers.of(ALICE).finger.seed
