"""What a visit is: who comes, how they behave, which phase its faults aim at; each drawn alone."""

from dataclasses import dataclass
from random import Random

from gate.bench.torture_faults import AIMS, Fault, draw_fault, draw_faults
from gate.bench.torture_people import POOL
from gate.passage.phases import Phase
from gate.vocabulary.passages import Topology

BEHAVIOURS: dict[str, int] = {
    "cross": 30,
    "wrong_face": 4,
    "wrong_finger": 3,
    "two": 5,
    "turn_back": 4,
    "withdraw_early": 3,
    "nobody": 3,
    "forget_document": 3,
    "leave_object": 4,
    "hesitate": 5,
    "late": 4,
    "in_by_exit": 5,
    "swap_document": 4,
    "others_document": 3,
    "not_enrolled": 2,
    "bad_check_digits": 2,
    "banned": 4,
    "stay": 3,
    "peek": 4,
    "help_inside": 3,
    "maintenance": 2,
    "unrest": 4,
    "lay_and_go": 3,
}
"""How often each behaviour is drawn where the aim leaves the choice."""

EVERY, LATE_AT, RACE_AT = 20, 4, 14
"""Every so often answers come late, and the next traveller is not who they say; as
often a ban races the commit of the exit decision."""
RACE_S = 0.016
QUIET, LED = 0.15, 0.85
"""Share of visits without faults; of the others, share whose traveller leads to the aim."""

LEADING: dict[Phase, tuple[str, ...]] = {
    Phase.MAINTENANCE: ("maintenance",),
    Phase.REFERRED: ("wrong_face", "help_inside", "two", "not_enrolled", "banned"),
    Phase.LETTING_BACK: ("wrong_face", "wrong_finger", "help_inside", "two"),
    Phase.OCCUPIED_UNKNOWN: ("cross", "wrong_face"),
    Phase.CAPTURING: ("cross", "hesitate", "leave_object", "in_by_exit"),
    Phase.AUTHORISING: ("cross", "cross", "in_by_exit", "swap_document"),
    Phase.LEAVING: ("cross", "cross", "in_by_exit", "peek", "leave_object", "stay", "hesitate"),
    Phase.CLEARING: ("lay_and_go", "lay_and_go", "nobody"),
    Phase.ENTERING: ("cross", "two", "turn_back", "late", "swap_document"),
    Phase.RETURNING: ("cross", "swap_document", "forget_document"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `persons`: the traveller and somebody else, by number in the pool."""

    number: int
    behaviour: str
    persons: tuple[int, int]
    faults: tuple[Fault, ...]
    seed: str


def draw_visit(seed: str, number: int, topology: Topology) -> Visit:
    """The visit with this number; depends on nothing that came before."""
    rng = Random(f"{seed}:visit:{number}")
    persons = tuple(rng.sample(range(POOL), 2))
    behaviour, faults = _drawn(number % EVERY, topology, rng)
    return Visit(number, behaviour, (persons[0], persons[1]), faults, f"{seed}:acts:{number}")


def _drawn(turn: int, topology: Topology, rng: Random) -> tuple[str, tuple[Fault, ...]]:
    if turn == LATE_AT:
        return "late_answers", ()
    if turn == LATE_AT + 1:
        return rng.choice(("wrong_face", "wrong_finger")), ()
    if turn == RACE_AT:
        ban = Fault("ban", Phase.AUTHORISING, rng.uniform(0.0, RACE_S), 1.0, 0)
        return "cross", (ban,)
    behaviour = rng.choices(list(BEHAVIOURS), list(BEHAVIOURS.values()))[0]
    if rng.random() < QUIET:
        return behaviour, ()
    aim = rng.choices(list(AIMS), list(AIMS.values()))[0]
    if aim in LEADING and rng.random() < LED:
        behaviour = rng.choice(LEADING[aim])
    return behaviour, (*_prelude(aim, topology, rng), *draw_faults(aim, rng))


def _prelude(aim: Phase, topology: Topology, rng: Random) -> tuple[Fault, ...]:
    """What must go wrong first so that the gate comes to the phase aimed at."""
    outside_capture = topology is Topology.SEGREGATED_TWO_STEP
    inside = Phase.AUTHORISING if outside_capture else Phase.CAPTURING
    match aim:
        case Phase.STARTING:
            return (draw_fault("crash", rng.choice((Phase.READY, Phase.READING, inside)), rng),)
        case Phase.OUT_OF_SERVICE:
            kind = rng.choice(("reader unplugged", "mains lost", "tampered", "doors unplugged"))
            return (draw_fault(kind, Phase.READY, rng),)
        case Phase.OCCUPIED_UNKNOWN:
            return (draw_fault("crash at a call" if outside_capture else "crash", inside, rng),)
        case Phase.EVACUATING:
            at = rng.choice((Phase.READY, Phase.READING, Phase.ENTERING, inside, Phase.LEAVING))
            return (draw_fault(rng.choice(("fire loop", "stop loop")), at, rng),)
        case _:
            return ()
