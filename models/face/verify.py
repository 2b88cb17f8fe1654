"""A capture with its engine: frames in, feedback or the verdict out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from models.face.engines import Engine
from models.face.image import as_rgb
from models.face.measures import head_angles
from models.face.observe import Observation, observe
from models.face.session import (
    Answer,
    Feedback,
    SessionState,
    Settings,
    Verdict,
    VerdictKind,
    give_up,
    reduce_frame,
    resemblance,
)
from models.face.template import EngineChanged, Template
from models.face.values import Finding, Picture
from models.pad.challenge import Asked, Challenge
from models.pad.report import PadMode, PadReport
from models.pad.session import PadState, pad_report, pad_watch

_UNLIKE_FRAMES = 4
"""A blink or a turn resembles nobody for a moment; so many frames in a row are somebody else."""


class FaceVerification:
    """One traveller's capture against one reference. Not for use by two threads."""

    def __init__(
        self,
        reference: Template,
        engine: Engine,
        settings: Settings,
        pad: PadMode = PadMode.WARN,
        on: date | None = None,
        challenge: Challenge | None = None,
    ) -> None:
        """`on`: the day, by which an aged reference is told with the verdict; `challenge`: what the
        traveller has to do before a match counts.

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
        self._asked = Asked(challenge) if challenge and pad is not PadMode.OFF else None
        self._matched: Verdict | None = None
        self._unlike = 0
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
        self._watch(picture, seen)
        answer = self._judged(seen) if self._matched is None else self._waiting(seen)
        self._answer = self._concluded(answer) if isinstance(answer, Verdict) else answer
        return self._answer

    def end(self, at_s: float) -> Verdict:
        """Return the verdict of a capture whose frames ended."""
        if self.verdict is None:
            left = self._matched or give_up(self._state, at_s, self._settings)
            self._answer = self._concluded(left)
        assert isinstance(self._answer, Verdict)
        return self._answer

    def _watch(self, picture: Picture, seen: Observation) -> None:
        if self._pad_mode is not PadMode.OFF:
            self._pad = pad_watch(self._pad, picture, seen.face)
        if self._asked is not None and seen.face is not None:
            yaw_deg = head_angles(seen.face.points).yaw
            self._asked = self._asked.watched(seen.eye_contrast, yaw_deg)

    def _judged(self, seen: Observation) -> Answer:
        self._state, answer = reduce_frame(self._state, seen, self._reference, self._settings)
        matched = isinstance(answer, Verdict) and answer.kind is VerdictKind.MATCH
        if not matched or self._asked is None or self._asked.done:
            return answer
        assert isinstance(answer, Verdict)
        self._matched = answer
        return self._told(self._asked)

    def _waiting(self, seen: Observation) -> Answer:
        """After a match the challenge still has to be answered, in time and by the same face."""
        assert self._matched is not None
        assert self._asked is not None
        took_s = seen.at_s - (self._state.started_s or 0.0)
        if seen.embedding is not None:
            alike = resemblance(self._state, seen.embedding) >= self._settings.same_face_score
            self._unlike = 0 if alike else self._unlike + 1
        self._state = replace(self._state, last=seen.face.detection if seen.face else None)
        lost = self._unlike >= _UNLIKE_FRAMES or not seen.followed
        if lost or self._asked.done or took_s >= self._settings.within_s:
            self._asked = Asked(self._asked.challenge) if lost else self._asked
            return replace(self._matched, took_s=took_s)
        return self._told(self._asked)

    def _told(self, asked: Asked) -> Feedback:
        return Feedback(Finding(asked.challenge.value), self._state.attempt)

    def _concluded(self, verdict: Verdict) -> Verdict:
        """The verdict with what PAD and the reference's age add to it.

        A suspicion that refers, or a challenge that was never put, leaves no score that could match otherwise.
        """
        self._state = SessionState()  # the samples' embeddings go with the verdict
        matched = verdict.kind is VerdictKind.MATCH
        unanswered = matched and self._asked is not None and not self._asked.done
        if self._pad_mode is not PadMode.OFF and (self.pad.suspicious or unanswered):
            if self._pad_mode is PadMode.REFER:
                kind = VerdictKind.FAILURE_TO_ACQUIRE if matched else verdict.kind
                verdict = replace(verdict, kind=kind, score_at_end=None)
            verdict = replace(verdict, findings=(*verdict.findings, Finding.PRESENTATION))
        if self._asked is not None and not matched:
            verdict = replace(verdict, score_at_end=None)  # it was never asked
        if self._aged:
            verdict = replace(verdict, findings=(*verdict.findings, Finding.AGED))
        return verdict
