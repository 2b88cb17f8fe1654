"""The three Frontex topologies as data: in which order a traveller meets the check points."""

from gate.passage.phases import Phase
from gate.vocabulary.passages import Topology

ORDER: dict[Topology, tuple[Phase, ...]] = {
    # Everything happens inside: the entry door opens to whoever approaches.
    Topology.ONE_STEP: (
        Phase.ENTERING,
        Phase.READING,
        Phase.CHECKING,
        Phase.CAPTURING,
        Phase.AUTHORISING,
        Phase.LEAVING,
    ),
    # Document outside, biometrics inside (Smart Entry Service).
    Topology.INTEGRATED_TWO_STEP: (
        Phase.READING,
        Phase.CHECKING,
        Phase.ENTERING,
        Phase.CAPTURING,
        Phase.AUTHORISING,
        Phase.LEAVING,
    ),
    # Document and biometrics at a kiosk; the gate behind it only re-checks and opens.
    Topology.SEGREGATED_TWO_STEP: (
        Phase.READING,
        Phase.CHECKING,
        Phase.CAPTURING,
        Phase.ENTERING,
        Phase.AUTHORISING,
        Phase.LEAVING,
    ),
}


def first(topology: Topology) -> Phase:
    """The phase with which a passage begins."""
    return ORDER[topology][0]


def following(topology: Topology, phase: Phase) -> Phase:
    """The phase after this one; CLEARING after the last."""
    order = ORDER[topology]
    at = order.index(phase) + 1
    return order[at] if at < len(order) else Phase.CLEARING


def is_inside(topology: Topology, phase: Phase) -> bool:
    """The traveller has to be between the doors in this phase."""
    order = ORDER[topology]
    return phase in order and order.index(phase) > order.index(Phase.ENTERING)
