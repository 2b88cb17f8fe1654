"""What the traveller may be told: one neutral instruction at a time (Act 4-4(3), GATE-MSG-01)."""

from enum import Enum


class Screen(Enum):
    """The instruction; OFFICER is the same for every reason there is."""

    CLOSED = "closed"
    LAY_DOCUMENT = "lay_document"
    LAY_AGAIN = "lay_again"
    WAIT = "wait"
    TAKE_DOCUMENT = "take_document"
    ENTER = "enter"
    LOOK_AND_TOUCH = "look_and_touch"
    LEAVE = "leave"
    OFFICER = "officer"
    EVACUATE = "evacuate"
