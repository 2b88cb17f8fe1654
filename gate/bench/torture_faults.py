"""What can go wrong, when it is to go wrong, and how often it did: kinds, plans, tally.

A plan belongs to one visit and is drawn from that visit's own stream, so that visits and faults
can be left out one by one without changing the others.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from gate.passage.phases import Phase

KINDS: tuple[str, ...] = (
    *(
        f"reader {how}"
        for how in ("unplugged", "silent", "garbled", "faulty", "slow", "bad_sample")
    ),
    *(f"doors {how}" for how in ("unplugged", "silent", "garbled", "faulty", "slow")),
    "doors reply_lost",  # the command is carried out, its answer never comes
    "doors stale",  # readings are one poll old
    *(f"store {how}" for how in ("locked", "slow", "full", "faulty", "corrupt", "missing")),
    *(
        f"recognition {how}"
        for how in ("unplugged", "silent", "garbled", "faulty", "slow", "bad_sample")
    ),
    "beam stuck broken",
    "beam stuck free",
    "presence stuck on",
    "presence stuck off",
    "contact stuck",
    "contact bounces",
    "relay welded",
    "leaf jammed",
    "leaf slow",
    "fire loop",
    "stop loop",
    "mains lost",
    "power lost",
    "tampered",
    "clock forward",
    "clock back",
    "crash",
    "crash at a call",
    "ban",
    "ban revoked",
    "reference record",
    "button pressed",
    "help pressed",
)
"""Every kind that is injected; the words before the blank say where."""

LASTING_S: dict[str, tuple[float, float]] = {
    "reader": (1.0, 20.0),
    "doors": (0.3, 8.0),
    "store": (0.5, 8.0),
    "recognition": (1.0, 20.0),
    "beam": (1.0, 20.0),
    "presence": (1.0, 20.0),
    "contact": (0.5, 8.0),
    "relay": (1.0, 10.0),
    "leaf": (1.0, 20.0),
    "fire": (0.5, 10.0),
    "stop": (0.5, 10.0),
    "mains": (1.0, 15.0),
    "power": (1.0, 15.0),
    "tampered": (1.0, 10.0),
    "crash": (0.5, 5.0),
}
LONGEST_DELAY_S: dict[Phase, float] = {
    Phase.STARTING: 0.02,
    Phase.CLEARING: 0.6,
    Phase.RETURNING: 0.5,
    Phase.AUTHORISING: 0.01,
    Phase.READING: 1.0,
    Phase.CHECKING: 1.4,
    Phase.ENTERING: 2.5,
    Phase.LEAVING: 2.5,
    Phase.CAPTURING: 1.5,
    Phase.READY: 0.3,
    Phase.OUT_OF_SERVICE: 0.1,
}
AIMS: dict[Phase, int] = {
    **dict.fromkeys(Phase, 3),
    Phase.AUTHORISING: 4,
    Phase.LEAVING: 4,
    Phase.CLEARING: 5,
    Phase.STARTING: 4,
    Phase.OUT_OF_SERVICE: 5,
    Phase.MAINTENANCE: 3,
    Phase.RETURNING: 4,
    Phase.LETTING_BACK: 4,
}
"""How often each phase is aimed at: what is hard to reach or soon over, more often."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault: `delay_s` after the gate first came to `phase` in the visit."""

    kind: str
    phase: Phase
    delay_s: float
    lasting_s: float
    draw: int

    def told(self) -> str:
        """For the short story of a failure."""
        return (
            f"{self.kind} {self.delay_s:.3f} s into {self.phase.value} for {self.lasting_s:.2f} s"
        )


def draw_faults(phase: Phase, rng: Random) -> tuple[Fault, ...]:
    """Two to four faults; all but one at the phase that the visit aims at."""
    kinds = rng.sample(KINDS, rng.choice((2, 2, 3, 4)))
    aims = [phase] * (len(kinds) - 1) + [rng.choice(list(Phase))]
    return tuple(draw_fault(kind, at, rng) for kind, at in zip(kinds, aims, strict=True))


def draw_fault(kind: str, phase: Phase, rng: Random) -> Fault:
    """One fault of a kind in a phase; half of them the moment it begins."""
    longest_s = LONGEST_DELAY_S.get(phase, 2.0)
    delay_s = 0.0 if rng.random() < 0.5 else rng.uniform(0.0, longest_s)
    lasting_s = rng.uniform(*LASTING_S.get(kind.split()[0], (1.0, 5.0)))
    return Fault(kind, phase, delay_s, lasting_s, rng.getrandbits(32))


@dataclass
class Tally:
    """What was injected, by kind and phase; `by_hand`: visits of each behaviour."""

    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_hand: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def injected(self, kind: str, phase: Phase) -> None:
        """Count one fault in the phase in which it really came."""
        self.faults[kind, phase.value] += 1

    def add(self, other: "Tally") -> None:
        """Take in another tally."""
        self.faults += other.faults
        self.by_hand += other.by_hand
        self.outcomes += other.outcomes

    def thin_cells(self, least: int) -> list[tuple[str, str, int]]:
        """Cells with less than `least`."""
        return [(k, p, n) for k, p, n in self.cells() if n < least]

    def cells(self) -> Iterable[tuple[str, str, int]]:
        """Every cell with its count."""
        for kind in KINDS:
            for phase in Phase:
                yield kind, phase.value, self.faults[kind, phase.value]
