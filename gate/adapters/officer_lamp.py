"""`ports.Staff` that also lights the lamp and sounds the buzzer at the gate itself."""

from collections.abc import Callable

from gate.ports import Staff
from gate.vocabulary.passages import PassageId
from gate.vocabulary.reasons import Reason


class OfficerLamp:
    """Tells `signal` whether an officer is called, and everything to the staff behind it."""

    def __init__(self, staff: Staff, signal: Callable[[bool], None]) -> None:
        self._staff = staff
        self._signal = signal

    def call(self, passage: PassageId | None, reasons: tuple[Reason, ...]) -> None:
        """Call an officer; the lamp says to which gate, never why."""
        self._staff.call(passage, reasons)
        self._signal(True)

    def dismiss(self) -> None:
        """The call is answered."""
        self._staff.dismiss()
        self._signal(False)

    def alert(self, reason: Reason, passage: PassageId | None) -> None:
        """An alert calls nobody: no lamp."""
        self._staff.alert(reason, passage)
