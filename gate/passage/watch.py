"""What the sensors must show while nothing is released, and what each doubt is called."""

from gate.passage.phases import GateState, Phase
from gate.passage.topologies import is_inside
from gate.vocabulary.passages import DoorState
from gate.vocabulary.reasons import Reason


def power_doubt(state: GateState) -> Reason | None:
    """Mains or casing."""
    if not state.sensors.mains_ok:
        return Reason.MAINS_LOST
    return None if state.sensors.tamper_ok else Reason.TAMPERED


def shut_doubt(state: GateState) -> Reason | None:
    """Why a phase with both doors shut cannot go on, or None."""
    sensors, inside = state.sensors, _must_be_inside(state)
    if DoorState.FAULT in (sensors.entry, sensors.exit):
        return Reason.SENSOR_DOUBT
    if not sensors.both_locked:
        return Reason.DOOR_FORCED
    if sensors.presence > 1:
        return Reason.TAILGATING
    if (sensors.presence == 1) is not inside:
        return Reason.SENSOR_DOUBT if inside else Reason.OCCUPIED_UNKNOWN
    return power_doubt(state)


def _must_be_inside(state: GateState) -> bool:
    phase = Phase.CHECKING if state.phase is Phase.RETURNING else state.phase
    return is_inside(state.settings.topology, phase)
