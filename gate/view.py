"""What somebody may see of a gate, as plain JSON: the staff's view and the traveller's screen.

The traveller's part is the one neutral instruction and nothing else; everything that gives a
reason stands in the staff's part. Neither holds a name, a full document number or a sample.
"""

from enum import Enum
from typing import Any

from gate.passage.judgement import told
from gate.passage.phases import GateState, Passage
from gate.vocabulary.passages import Sensors


def staff_view(state: GateState) -> dict[str, Any]:
    """Phase, sensors, devices and the passage under way with its findings and scores."""
    return {
        "phase": state.phase.value,
        "boot": state.boot,
        "topology": state.settings.topology.value,
        "sensors": sensors_view(state.sensors),
        "document_laid": state.document_laid,
        "failed": sorted(device.value for device in state.failed),
        "self_test": {"under_way": state.testing, "failures": list(state.test_failures)},
        "standing_reasons": [reason.value for reason in state.standing_reasons],
        "passage": passage_view(state.passage) if state.passage else None,
    }


def sensors_view(sensors: Sensors) -> dict[str, Any]:
    """The whole reading, by name."""
    return {
        name: value.value if isinstance(value, Enum) else value
        for name in Sensors.__dataclass_fields__
        for value in (getattr(sensors, name),)
    }


def passage_view(passage: Passage) -> dict[str, Any]:
    """What staff see of one passage."""
    document = passage.document
    return {
        "id": str(passage.id),
        "document": document.masked_number if document else None,
        "issuing_state": document.issuing_state if document else None,
        "entry_decision": told(passage.entry_decision) if passage.entry_decision else None,
        "exit_decision": told(passage.exit_decision) if passage.exit_decision else None,
        "captures": {
            kind.value: {
                "verdict": result.verdict.value,
                "comparison_score": result.comparison_score,
                "threshold": result.threshold,
            }
            for kind, result in passage.captures
        },
        "reasons": [reason.value for reason in passage.reasons],
        "officer_id": passage.officer_id,
    }
