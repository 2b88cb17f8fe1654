"""See a zone: rectify, segment and classify its lines for one width and direction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import Classifier, normalise_windows
from models.mrz.rectify import Strip, rectify
from models.mrz.segment import Grid, Profile, align, profile, segment
from models.mrz.values import Glyphs, Pyramid, TextLine, Zone

WIDTHS = {2: (44, 36), 3: (30,)}
"""Characters in a line for zones of two and of three lines."""

_SHIFTS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
"""Displacements (columns, rows) whose log-probabilities are averaged: less depends on the grid."""


_STRAIGHT = 0.99
_HEIGHTS = (-5.0, -2.5, 0.0, 2.5, 5.0)
"""Rows above and below the measured middle at which characters are looked for."""

_WORTH_ALIGNING = 0.5
"""Presence below which a line holds no characters, so that its place says nothing."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A line rectified and segmented, not yet classified."""

    strip: Strip
    along: Profile
    grid: Grid

    @property
    def score(self) -> float:
        """Comparable to the score of a whole view."""
        return self.grid.presence + 0.15 * self.grid.edge


class Viewer:
    """One picture and what was already traced of it, so that no line is rectified twice."""

    def __init__(self, picture: Pyramid, classifier: Classifier) -> None:
        self.picture = picture
        self.classifier = classifier
        self._traces: dict[tuple[TextLine, int], Trace] = {}

    def trace(self, line: TextLine, width: int) -> Trace:
        """The line taken as `width` characters in its direction."""
        known = self._traces.get((line, width))
        if known is None:
            strip = rectify(self.picture, line, width)
            along = profile(strip, self.classifier)
            known = self._traces[line, width] = Trace(strip, along, segment(along, width))
        return known

    def see(self, zone: Zone, width: int) -> Glyphs:
        """The zone's characters, taking its lines as `width` characters in their direction."""
        traces = [self.trace(line, width) for line in zone]
        strips = [trace.strip for trace in traces]
        grids = [trace.grid for trace in traces]
        if min(grid.presence for grid in grids) > _WORTH_ALIGNING:
            grids = align([trace.along for trace in traces], grids, _offsets(strips))
            strips, grids = _straightened(strips, grids, self.classifier)
        pairs = list(zip(strips, grids, strict=True))
        return Glyphs(
            log_probabilities=np.stack([_classify(s, g, self.classifier) for s, g in pairs]),
            presence=float(np.mean([grid.presence for grid in grids])),
            edge=float(np.mean([grid.edge for grid in grids])),
            pitch_px=float(np.mean([_pitch(s, g) for s, g in pairs])),
            corners=np.stack([_ends(s, g) for s, g in pairs]),
        )


def _straightened(
    strips: list[Strip], grids: list[Grid], classifier: Classifier
) -> tuple[list[Strip], list[Grid]]:
    """Strips that are not yet surely filled, bent so that their characters stand in the middle."""
    out = [
        (s, g) if g.presence > _STRAIGHT else _bent(s, g, classifier)
        for s, g in zip(strips, grids, strict=True)
    ]
    return [strip for strip, _ in out], [grid for _, grid in out]


def _bent(strip: Strip, grid: Grid, classifier: Classifier) -> tuple[Strip, Grid]:
    """The strip along a parabola through the heights at which its characters are seen best."""
    columns = strip.pixels.shape[1]
    shown = []
    for rows in _HEIGHTS:
        pixels = strip.moved(np.full(columns, rows)).pixels if rows else strip.pixels
        found = classifier.log_probabilities(normalise_windows(pixels, grid.centres))
        shown.append(1 - np.exp(found[:, -1]))
    weight = np.array(shown, dtype=np.float64) ** 2 + 1e-3
    heights = (np.array(_HEIGHTS)[:, None] * weight).sum(0) / weight.sum(0)
    place = (grid.centres - columns / 2) / columns
    fit = np.polyfit(place, heights, 2, w=np.sqrt(weight.sum(0)))
    everywhere = (np.arange(columns) + 0.5 - columns / 2) / columns
    bent = strip.moved(np.clip(np.polyval(fit, everywhere), -6.0, 6.0))
    again = segment(profile(bent, classifier), len(grid.centres), float(grid.centres[0]))
    return (bent, again) if again.presence > grid.presence else (strip, grid)


def turned(zone: Zone) -> Zone:
    """The same zone read the other way round."""
    return tuple(TextLine(x.right, x.left, x.height) for x in reversed(zone))


def _classify(strip: Strip, grid: Grid, classifier: Classifier) -> NDArray[np.float32]:
    windows = []
    for dx, dy in _SHIFTS:
        pixels = strip.pixels if dy == 0 else np.roll(strip.pixels, dy, 0)
        if dy:
            pixels[0 if dy > 0 else -1] = strip.pixels[0 if dy > 0 else -1]
        windows.append(normalise_windows(pixels, grid.centres + dx))
    found = classifier.log_probabilities(np.concatenate(windows))
    mean = found.reshape(len(_SHIFTS), len(grid.centres), -1).mean(0)
    return np.asarray(mean - np.logaddexp.reduce(mean, axis=1, keepdims=True))


def _offsets(strips: list[Strip]) -> list[float]:
    """Where each strip begins along the lines, in pixels of the strips (16 a pitch)."""
    row = strips[0].map_x.shape[0] // 2
    first = strips[0]
    step = np.array(
        [first.map_x[row, -1] - first.map_x[row, 0], first.map_y[row, -1] - first.map_y[row, 0]]
    )
    per_pixel = float(np.linalg.norm(step)) / (first.map_x.shape[1] - 1)
    along = step / np.linalg.norm(step) / per_pixel
    origins = [np.array([s.map_x[row, 0], s.map_y[row, 0]]) for s in strips]
    return [float((origin - origins[0]) @ along) for origin in origins]


def _ends(strip: Strip, grid: Grid) -> NDArray[np.float32]:
    """Picture coordinates (x, y) of the middle of the first and the last character."""
    at = np.clip(np.rint(grid.centres[[0, -1]]).astype(int), 0, strip.map_x.shape[1] - 1)
    row = strip.map_x.shape[0] // 2
    return np.stack([strip.map_x[row, at], strip.map_y[row, at]], 1)


def _pitch(strip: Strip, grid: Grid) -> float:
    first, last = _ends(strip, grid)
    return float(np.hypot(*(last - first))) / (len(grid.centres) - 1)
