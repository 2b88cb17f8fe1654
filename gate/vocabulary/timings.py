"""How long the gate waits for each thing; all in seconds of monotonic time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Every wait of the passage. The entry answer comes at a fixed time, whatever was found."""

    start_s: float = 10.0
    read_s: float = 15.0
    entry_answer_s: float = 1.5
    take_document_s: float = 15.0
    enter_s: float = 12.0
    capture_s: float = 30.0
    authorise_s: float = 5.0
    leave_s: float = 15.0
    clear_s: float = 8.0
    let_back_s: float = 20.0
    officer_s: float = 60.0
