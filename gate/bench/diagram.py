"""The passage drawn from its table, for ARCHITECTURE.md: `python -m gate.bench.diagram` rewrites it.

The table is the source; a test fails while the drawing there differs from it.
"""

from pathlib import Path

from gate.passage.events import Event
from gate.passage.phases import Phase
from gate.passage.step import ALWAYS, ROWS
from gate.passage.topologies import ORDER

BEGIN, END = "<!-- drawn from the table: begin -->", "<!-- drawn from the table: end -->"
FILE = Path(__file__).parents[2] / "ARCHITECTURE.md"


def drawing() -> str:
    """The state diagram, what outranks it, and the three orders, in Markdown."""
    return "\n".join([*_diagram(), "", *_always(), "", *_orders()])


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> starting"]
    for (source, target), events in _arrows().items():
        names = ", ".join(sorted(event.__name__ for event in events))
        lines.append(f"    {source.value} --> {target.value}: {names}")
    return [*lines, "```"]


def _arrows() -> dict[tuple[Phase, Phase], list[type[Event]]]:
    arrows: dict[tuple[Phase, Phase], list[type[Event]]] = {}
    for row in ROWS:
        for target in dict.fromkeys(row.leads_to):
            if target is not row.phase:
                arrows.setdefault((row.phase, target), []).append(row.event)
    return arrows


def _always() -> list[str]:
    lines = ["From every phase, before the table is asked:", ""]
    return lines + [
        f"- {what}: {' or '.join(phase.value for phase in phases)}" for what, phases in ALWAYS
    ]


def _orders() -> list[str]:
    head = ["| topology | the check points, in order |", "|---|---|"]
    return head + [
        f"| {topology.value} | {' → '.join(phase.value for phase in order)} |"
        for topology, order in ORDER.items()
    ]


def with_drawing(text: str) -> str:
    """The text of ARCHITECTURE.md with the drawing renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{drawing()}\n{END}{after}"


if __name__ == "__main__":
    FILE.write_text(with_drawing(FILE.read_text(encoding="utf-8")), encoding="utf-8")
