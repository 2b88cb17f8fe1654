"""Hundreds of documents over a line that errs at random: never one person's zone for another's."""

import asyncio
import random

import pytest

from drivers.document_reader.driver import ElyctisReader
from drivers.document_reader.emulator import ElyctisEmulator, Misread
from drivers.document_reader.readings import DocumentLines
from drivers.errors import DriverError, LinkLost
from drivers.faults import FaultKind, SeededFaults
from drivers.link import open_link, register_null, unregister_null
from tests.drivers.document_reader.specimen import TD3
from tests.drivers.document_reader.virtual_time import run_virtual

RATES: dict[FaultKind, float] = {kind: 0.02 for kind in FaultKind if kind is not FaultKind.FLIP_BIT}
# A flipped bit is left out: the protocol has no check, its effect on a zone is the check digits' business.
BAUD = 9600


def document(number: int) -> tuple[str, str]:
    """A zone of its own for each traveller."""
    return TD3[0], f"L{number:08d}" + TD3[1][9:]


async def visits(presence: bool, seed: int, count: int) -> tuple[int, int]:
    """Let travellers come one after the other; returns how many were read and how many links were lost."""
    draw = random.Random(seed)
    unit = ElyctisEmulator(presence=presence)
    line = register_null("soak", unit, BAUD, SeededFaults(RATES, seed))
    reader = ElyctisReader(BAUD, presence=presence)
    loop = asyncio.get_running_loop()
    read = lost = 0
    try:
        await reader.open(await open_link("null:soak", baud=BAUD))
        for number in range(count):
            try:
                await reader.arm()
                unit.lay(document(number), loop.time())
                if draw.random() < 0.2:
                    unit.misread(draw.choice(list(Misread)))
                line.poke()
                until_s = loop.time() + draw.uniform(0.2, 6.0)  # some do not wait
                while loop.time() < until_s:
                    event = await asyncio.wait_for(reader.next_event(), until_s - loop.time())
                    if isinstance(event, DocumentLines):
                        assert event.lines == document(number), "another traveller's zone"
                        read += 1
            except TimeoutError:
                pass
            except LinkLost:
                lost += 1
                await reader.close()
                await asyncio.sleep(2.0)
                await reader.open(await open_link("null:soak", baud=BAUD))
            except DriverError:
                pass
            unit.withdraw(loop.time())
            line.poke()
            await asyncio.sleep(draw.uniform(0.0, 1.0))
        return read, lost
    finally:
        await reader.close()
        unregister_null("soak")


@pytest.mark.parametrize("presence", [True, False], ids=["presence", "continuous"])
@pytest.mark.parametrize("seed", range(1, 7))
def test_never_another_travellers_zone(presence: bool, seed: int) -> None:
    """Each reading is of the document that lies there, whatever was late, doubled, cut or held back."""
    read, lost = run_virtual(visits(presence, seed, 150))
    assert read > 40, "most who wait are read"
    assert lost > 0, "the faults did happen"
