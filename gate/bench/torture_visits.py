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

LATE_EVERY, LATE_AT = 20, 4
"""Every so often answers come late, and the next traveller is not who they say."""

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
    careless_officer: bool
    seed: str


def draw_visit(seed: str, number: int, topology: Topology) -> Visit:
    """The visit with this number; depends on nothing that came before."""
    rng = Random(f"{seed}:visit:{number}")
    undisturbed = number % LATE_EVERY in (LATE_AT, LATE_AT + 1)
    quiet = rng.random() < 0.15 or undisturbed
    aim = rng.choices(list(AIMS), list(AIMS.values()))[0]
    one, two = rng.sample(range(POOL), 2)
    behaviour = rng.choices(list(BEHAVIOURS), list(BEHAVIOURS.values()))[0]
    faults: tuple[Fault, ...] = ()
    if undisturbed:
        late = number % LATE_EVERY == LATE_AT
        behaviour = "late_answers" if late else rng.choice(("wrong_face", "wrong_finger"))
    if not quiet:
        if aim in LEADING and rng.random() < 0.85:
            behaviour = rng.choice(LEADING[aim])
        faults = (*_prelude(aim, topology, rng), *draw_faults(aim, rng))
    careless = rng.random() < 0.05
    return Visit(number, behaviour, (one, two), faults, careless, f"{seed}:acts:{number}")


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
