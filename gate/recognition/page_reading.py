"""What a document camera sees, frame by frame: a page laid, read or not, and taken away. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import cv2
import numpy as np

from drivers.face_camera.shots import Pixels
from gate.adapters.mrz_text import document_of
from gate.ports import ReaderNotice
from gate.vocabulary.documents import Document
from models.mrz.presence import busy_share
from models.mrz.session import SessionState, observe
from models.mrz.values import CameraReading, Grey

LAID_SHARE, EMPTY_SHARE = 0.06, 0.03
"""Of `busy_share`: from the first on something lies there, below the second nothing. Set on
12 made-up pages a severity: pages show 0.09 and more, a plain tray up to medium at most 0.025."""
LAID_FRAMES, EMPTY_FRAMES = 2, 3
"""So many frames agree before it is believed."""
UNREADABLE_S = 4.0
"""A page is looked at so long, and three times as the passage asks, before the officer is called."""
UNREADABLE_FRAMES = 8
"""A slow machine looks at so many frames all the same."""


class Tray:
    """Whether something lies there: None until the first frames agree."""

    def __init__(self) -> None:
        self.laid: bool | None = None
        self._agreeing = 0

    def see(self, grey: Grey) -> ReaderNotice | None:
        """What one frame changes."""
        share = busy_share(grey)
        laid = share >= LAID_SHARE or (share >= EMPTY_SHARE and self.laid is not False)
        if laid is self.laid:
            self._agreeing = 0
            return None
        self._agreeing += 1
        if self._agreeing < (LAID_FRAMES if laid else EMPTY_FRAMES):
            return None
        self.laid, self._agreeing = laid, 0
        return ReaderNotice.LAID if laid else ReaderNotice.REMOVED


class Look:
    """One attempt at one page; nothing of it is kept once it is over."""

    def __init__(self, began_s: float, today: Callable[[], date]) -> None:
        self._began_s = began_s
        self._today = today
        self._state = SessionState()

    def see(self, grey: Grey, taken_s: float) -> Document | ReaderNotice | str:
        """The document, UNREADABLE when it was looked at for long enough, or advice until then."""
        self._state, answer = observe(self._state, grey, self._today())
        if isinstance(answer, CameraReading):
            return document_of(answer.fields)
        over = taken_s - self._began_s >= UNREADABLE_S
        if over and self._state.frames >= UNREADABLE_FRAMES:
            return ReaderNotice.UNREADABLE
        return answer.instruction.value


def grey_of(pixels: Pixels) -> Grey:
    """Blue green red, uint8 (rows, columns, 3), to grey."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
