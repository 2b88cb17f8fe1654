"""The drawing in ARCHITECTURE.md."""

from gate.bench.diagram import FILE, with_drawing
from gate.passage.phases import Phase
from gate.passage.step import ROWS


def test_the_drawing_is_the_table() -> None:
    """ARCHITECTURE.md shows the passage as it is; `python -m gate.bench.diagram` mends it."""
    text = FILE.read_text(encoding="utf-8")
    assert text == with_drawing(text)


def test_every_phase_can_be_reached() -> None:
    """No phase stands in the table that nothing leads to."""
    led_to = {phase for row in ROWS for phase in row.leads_to} | {Phase.EVACUATING}
    assert set(Phase) - led_to <= {Phase.STARTING}
