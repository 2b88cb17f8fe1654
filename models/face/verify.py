"""A capture with its engine: frames in, feedback or the verdict out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from models.face.engines import Engine
from models.face.image import as_rgb
from models.face.observe import observe
from models.face.session import (
    Answer,
    SessionState,
    Settings,
    Verdict,
    VerdictKind,
    give_up,
    reduce_frame,
)
from models.face.template import EngineChanged, Template
from models.face.values import Finding, Picture
from models.pad.report import PadMode, PadReport
from models.pad.session import PadState, pad_report, pad_watch


class FaceVerification:
    """One traveller's capture against one reference. Not for use by two threads."""

    def __init__(
        self,
        reference: Template,
        engine: Engine,
        settings: Settings,
        pad: PadMode = PadMode.WARN,
        on: date | None = None,
    ) -> None:
        """`on`: the day, by which an aged reference is told with the verdict.

        :raises EngineChanged: the reference is of another engine.
        """
        if reference.engine != engine.name:
            raise EngineChanged(
                f"the reference is of engine {reference.engine}, in use is {engine.name}: enrol again"
            )
        self._reference = reference.embedding
        self._engine = engine
        self._settings = settings
        self._pad_mode = pad
        self._aged = on is not None and reference.aged(on)
        self._state = SessionState()
        self._pad = PadState()
        self._answer: Answer | None = None

    @property
    def pad(self) -> PadReport:
        """What the presentation attack cues say so far."""
        return pad_report(self._pad)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict once there is one."""
        return self._answer if isinstance(self._answer, Verdict) else None

    def see(self, frame: Picture, at_s: float) -> Answer:
        """Take in a frame (RGB) seen at `at_s`, seconds on any monotonic clock.

        :raises BadImage: the frame is no picture.
        :raises RuntimeError: the capture already has its verdict.
        """
        if self.verdict is not None:
            raise RuntimeError("the capture has ended: start another")
        picture = as_rgb(frame)
        number = len(self._state.evidence)
        seen = observe(
            picture,
            at_s,
            self._engine,
            self._state.last,
            view=number,
            alone=number + 1 in self._settings.looks,
        )
        if self._pad_mode is not PadMode.OFF:
            self._pad = pad_watch(self._pad, picture, seen.face)
        self._state, self._answer = reduce_frame(self._state, seen, self._reference, self._settings)
        if isinstance(self._answer, Verdict):
            self._answer = self._concluded(self._answer)
        return self._answer

    def end(self, at_s: float) -> Verdict:
        """Return the verdict of a capture whose frames ended."""
        if self.verdict is None:
            self._answer = self._concluded(give_up(self._state, at_s, self._settings))
        assert isinstance(self._answer, Verdict)
        return self._answer

    def _concluded(self, verdict: Verdict) -> Verdict:
        """The verdict with what PAD and the reference's age add to it."""
        self._state = SessionState()  # the samples' embeddings go with the verdict
        if self._pad_mode is not PadMode.OFF and self.pad.suspicious:
            matched = verdict.kind is VerdictKind.MATCH
            if matched and self._pad_mode is PadMode.REFER:
                verdict = replace(verdict, kind=VerdictKind.FAILURE_TO_ACQUIRE)
            verdict = replace(verdict, findings=(*verdict.findings, Finding.PRESENTATION))
        if self._aged:
            verdict = replace(verdict, findings=(*verdict.findings, Finding.AGED))
        return verdict
