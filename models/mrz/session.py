"""A capture session: frames to instructions, until the reading is sure.

A pure reducer: `observe(state, frame, today)` gives the next state and either what the traveller
should do or the reading. Log-probabilities of frames that show the same zone are added up, so that
a character that is doubtful in each may be sure in all. Frames of one page err partly in the same
way: n of them count as the square root of n. Nothing of a frame is kept but those sums.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from models.mrz.decode import Decoded, decode
from models.mrz.judge import is_off_the_print, judge
from models.mrz.reader import look
from models.mrz.refusals import refused
from models.mrz.values import CameraReading, Glyphs, Grey, Refusal, Verdict

_ZONES_A_FRAME = 4
_OTHER_DOCUMENT = 0.6
"""Share of the slots that must agree with what was seen before; else another page was laid."""


class Instruction(Enum):
    """What the kiosk tells the traveller."""

    SHOW_PAGE = "show_page"
    CLOSER = "closer"
    WHOLE_PAGE = "whole_page"
    HOLD_STILL = "hold_still"
    LESS_GLARE = "less_glare"
    FLATTER = "flatter"
    WAIT = "wait"


_INSTRUCTIONS = {
    Refusal.NOT_FOUND: Instruction.SHOW_PAGE,
    Refusal.TOO_SMALL: Instruction.CLOSER,
    Refusal.CUT_OFF: Instruction.WHOLE_PAGE,
    Refusal.BLUR: Instruction.HOLD_STILL,
    Refusal.GLARE: Instruction.LESS_GLARE,
    Refusal.TILTED: Instruction.FLATTER,
}


@dataclass(frozen=True, slots=True)
class SessionState:
    """Frames seen, and the sum of log-probabilities (lines, width, 38) of the zone in sight."""

    frames: int = 0
    total: NDArray[np.float32] | None = None
    fused_frames: int = 0

    def fused(self) -> NDArray[np.float32] | None:
        """Log-probabilities of all frames together; None before a zone was in sight."""
        if self.total is None:
            return None
        joint = self.total / np.sqrt(self.fused_frames)
        return np.asarray(joint - np.logaddexp.reduce(joint, -1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Feedback:
    """An instruction with the reason of the refusal that it answers."""

    instruction: Instruction
    reason: Refusal


def observe(
    state: SessionState, frame: Grey, today: date
) -> tuple[SessionState, Feedback | CameraReading]:
    """The state after one grey frame, uint8 (rows, columns), and feedback or the reading."""
    seen = look(frame, today, most_zones=_ZONES_A_FRAME, complete=state.frames % 4 == 3)
    after = SessionState(state.frames + 1, state.total, state.fused_frames)
    verdict = seen.verdict
    if seen.glyphs is not None and _is_in_place(seen.glyphs, seen.decoded):
        after = _fused(after, seen.glyphs)
        verdict = _of_all(after, frame, seen.glyphs, verdict, today)
    if isinstance(verdict, CameraReading):
        return after, verdict
    instruction = _INSTRUCTIONS.get(verdict.reason, Instruction.WAIT)
    return after, Feedback(instruction, verdict.reason)


def _of_all(
    state: SessionState, frame: Grey, glyphs: Glyphs, alone: Verdict, today: date
) -> Verdict:
    """What all frames say together; one that is sure alone counts where they say the same, however
    doubtful older ones were, and where they say something else nothing does.
    """
    fused = state.fused()
    if fused is None or state.fused_frames < 2:
        return alone
    decoded = decode(fused)
    if isinstance(alone, CameraReading):
        is_same = decoded is not None and decoded.lines == alone.lines
        return alone if is_same else refused(Refusal.AMBIGUOUS, alone.confidence)
    return judge(frame, replace(glyphs, log_probabilities=fused), decoded, today)


def _is_in_place(glyphs: Glyphs, decoded: Decoded | None) -> bool:
    """Whether the frame's slots lie on the characters: one place beside them they would belie what
    other frames show plainly.
    """
    return decoded is not None and not is_off_the_print(glyphs, decoded)


def _fused(state: SessionState, glyphs: Glyphs) -> SessionState:
    """The sum with this frame's log-probabilities, or these alone where another zone is in sight."""
    new = glyphs.log_probabilities
    old = state.total
    if old is None or old.shape != new.shape or _agreement(old, new) < _OTHER_DOCUMENT:
        return SessionState(state.frames, new, 1)
    return SessionState(state.frames, old + new, state.fused_frames + 1)


def _agreement(old: NDArray[np.float32], new: NDArray[np.float32]) -> float:
    return float((old.argmax(-1) == new.argmax(-1)).mean())
