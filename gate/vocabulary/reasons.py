"""Why the gate called an officer, beside the findings of the law. Staff only."""

from enum import Enum


class Reason(Enum):
    """One operational reason; the law's own reasons are findings with rule ids."""

    LAW = "law"
    RANDOM = "random"
    DOCUMENT_UNREADABLE = "document_unreadable"
    READ_TIMED_OUT = "read_timed_out"
    FACTS_TIMED_OUT = "facts_timed_out"
    DOCUMENT_FORGOTTEN = "document_forgotten"
    TAILGATING = "tailgating"
    LATE_ENTRY = "late_entry"
    DID_NOT_LEAVE = "did_not_leave"
    DOOR_FORCED = "door_forced"
    DOOR_HELD = "door_held"
    SENSOR_DOUBT = "sensor_doubt"
    OBJECT_LEFT = "object_left"
    OCCUPIED_UNKNOWN = "occupied_unknown"
    AUTHORISATION_TIMED_OUT = "authorisation_timed_out"
    FACTS_KEPT_CHANGING = "facts_kept_changing"
    DEVICE_FAILED = "device_failed"
    INTERLOCK = "interlock"
    EVACUATION = "evacuation"
    MAY_HAVE_CROSSED = "may_have_crossed"
    LATE_RECORD = "late_record"
    MAINS_LOST = "mains_lost"
    TAMPERED = "tampered"
    HELP_WANTED = "help_wanted"
    LET_BACK_TIMED_OUT = "let_back_timed_out"
    SELF_TEST_FAILED = "self_test_failed"
