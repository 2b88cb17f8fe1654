"""Quality of a face picture: the measures of ISO/IEC 29794-5 that need no trained weights.

Each measure is brought to 0 (useless) to 100 (as good as it needs to be) and has a level under
which the picture is refused with the measure's reason. The whole is as good as its worst part.
Levels are strict for a reference, which is compared for years, and mild for a probe.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.face.measures import Measured, measure_face
from models.face.values import Face, Finding, Picture


@dataclass(frozen=True, slots=True)
class Component:
    """One measure: its name in the standard's words, 0 to 100, and its native value.

    `counted`: it can be a reason to refuse this kind of picture; a probe's background is not.
    """

    name: str
    score: int
    value: float
    finding: Finding
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Quality:
    """All components of one face, and the findings of those under their level."""

    components: tuple[Component, ...]
    findings: tuple[Finding, ...]

    @property
    def score(self) -> int:
        """The worst of the components that count, 0 to 100."""
        return min(component.score for component in self.components if component.counted)


@dataclass(frozen=True)
class _Scale:
    """Piecewise linear: `bad` scores 0, `good` and beyond 100; `bad` may be the larger."""

    name: str
    finding: Finding
    bad: float
    good: float
    probe_level: int
    reference_level: int

    def level(self, for_reference: bool) -> int:
        return self.reference_level if for_reference else self.probe_level

    def score(self, value: float) -> int:
        share = (value - self.bad) / (self.good - self.bad)
        return round(100 * min(1.0, max(0.0, share)))


# Native values: see `models.face.measures.Measured`. A zero in a level column: never a reason.
_SCALES: tuple[_Scale, ...] = (
    _Scale("luminance_mean", Finding.DARK, 25.0, 75.0, 20, 50),
    _Scale("over_exposure", Finding.BRIGHT, 0.35, 0.02, 15, 40),
    _Scale("dynamic_range", Finding.FLAT, 20.0, 80.0, 20, 40),
    _Scale("illumination_uniformity", Finding.UNEVEN, 0.75, 0.12, 12, 40),
    _Scale("inter_eye_distance", Finding.FAR, 22.0, 70.0, 25, 50),
    _Scale("head_size", Finding.NEAR, 1.05, 0.70, 15, 30),
    _Scale("margin", Finding.CUT_OFF, -0.10, 0.15, 30, 60),
    _Scale("yaw", Finding.TURNED, 38.0, 6.0, 30, 60),
    _Scale("pitch", Finding.TURNED, 38.0, 8.0, 20, 50),
    _Scale("roll", Finding.TILTED, 40.0, 5.0, 30, 60),
    _Scale("sharpness", Finding.BLURRED, 0.5, 2.5, 20, 40),
    _Scale("eyes_open", Finding.EYES_CLOSED, 0.08, 0.22, 30, 45),
    _Scale("mouth_closed", Finding.MOUTH_OPEN, 0.50, 0.10, 0, 40),
    _Scale("occlusion", Finding.COVERED, 60.0, 15.0, 20, 40),
    _Scale("background_uniformity", Finding.BACKGROUND, 60.0, 10.0, 0, 30),
)


def assess(picture: Picture, face: Face, for_reference: bool = False) -> Quality:
    """Score the face (68 landmarks) of an RGB picture; findings in the order to be told."""
    measured = measure_face(picture, face)
    components = tuple(_component(scale, measured, for_reference) for scale in _SCALES)
    low = {
        component.finding
        for component, scale in zip(components, _SCALES, strict=True)
        if component.score < scale.level(for_reference)
    }
    return Quality(components, in_order(low))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order in which a traveller is told, without repetitions."""
    wanted = set(findings)
    return tuple(finding for finding in Finding if finding in wanted)


def _component(scale: _Scale, measured: Measured, for_reference: bool) -> Component:
    value = float(getattr(measured, scale.name))
    counted = scale.level(for_reference) > 0
    return Component(scale.name, scale.score(value), value, scale.finding, counted)
