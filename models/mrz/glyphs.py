"""See a zone: rectify, segment and classify its lines for one width and direction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import Classifier, contrasts, fainter, normalise_windows
from models.mrz.rectify import Strip, rectify
from models.mrz.segment import Grid, Profile, align, profile, segment
from models.mrz.values import Glyphs, Pyramid, TextLine, Zone

WIDTHS, CARD_WIDTH = (44, 36), 30
"""Characters in a line for zones of two lines, and of three."""

_SHIFTS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
"""Displacements (columns, rows) whose log-probabilities are averaged: less depends on the grid."""


_STRAIGHT = 0.99
_HEIGHTS = (-5, -3, 0, 3, 5)
"""Rows above and below the measured middle at which characters are looked for."""

_WORTH_ALIGNING = 0.5
"""Presence below which a line holds no characters, so that its place says nothing."""

_WORTH_STRAIGHTENING = 0.8
_WORTH_CLASSIFYING = 0.75


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
            back = self._traces.get((TextLine(line.right, line.left, line.height), width))
            strip = back.strip.turned() if back else rectify(self.picture, line, width)
            along = profile(strip, self.classifier)
            known = self._traces[line, width] = Trace(strip, along, segment(along, width))
        return known

    def see(self, zone: Zone, width: int) -> Glyphs:
        """The zone's characters, taking its lines as `width` characters in their direction."""
        traces = [self.trace(line, width) for line in zone]
        strips = [trace.strip for trace in traces]
        grids = [trace.grid for trace in traces]
        if min(grid.presence for grid in grids) > _WORTH_ALIGNING:
            grids = align([trace.along for trace in traces], grids, _places(strips, grids))
            if np.mean([grid.presence for grid in grids]) > _WORTH_STRAIGHTENING:
                strips, grids = _straightened(strips, grids, self.classifier)
        pairs = list(zip(strips, grids, strict=True))
        presence = float(np.mean([grid.presence for grid in grids]))
        return Glyphs(
            log_probabilities=_classify(pairs, self.classifier, presence > _WORTH_CLASSIFYING),
            presence=presence,
            edge=float(np.mean([grid.edge for grid in grids])),
            pitch_px=float(np.mean([_pitch(s, g) for s, g in pairs])),
            corners=np.stack([_ends(s, g) for s, g in pairs]),
            behind=min(grid.behind for grid in grids),
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
    rows, columns = strip.pixels.shape
    reach = max(_HEIGHTS)
    tall = strip.tall(rows + 2 * reach)
    heights_of_all = np.repeat(np.array(_HEIGHTS), len(grid.centres))
    windows = normalise_windows(tall, np.tile(grid.centres, len(_HEIGHTS)), -heights_of_all)
    none = classifier.log_none(windows).reshape(len(_HEIGHTS), -1)
    weight = (1 - np.exp(none)).astype(np.float64) ** 2 + 1e-3
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


def _classify(
    pairs: list[tuple[Strip, Grid]], classifier: Classifier, is_plain: bool
) -> NDArray[np.float32]:
    """Log-probabilities (lines, width, 38); of a zone that is hardly one, by one quick look."""
    shifts = np.array(_SHIFTS if is_plain else _SHIFTS[:1])
    views = np.concatenate([_views(s, g, shifts) for s, g in pairs], axis=1)
    if is_plain:
        seen = np.concatenate([contrasts(s.pixels, g.centres) for s, g in pairs])
        found = fainter(classifier.log_probabilities(views), seen)
    else:
        found = classifier.first_opinion(views[0])
    return found.reshape(len(pairs), len(pairs[0][1].centres), -1)


def _views(strip: Strip, grid: Grid, shifts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Windows (shifts, width, 480) of a line, displaced by each (columns, rows)."""
    centres = grid.centres[None] + shifts[:, :1]
    rises = np.broadcast_to(shifts[:, 1:], centres.shape)
    found = normalise_windows(strip.pixels, centres.ravel(), rises.ravel())
    return found.reshape(*centres.shape, -1)


def _places(strips: list[Strip], grids: list[Grid]) -> list[float]:
    """Where the middle of each grid lies along the lines, in characters."""
    pairs = list(zip(strips, grids, strict=True))
    along = strips[0].sampler.along / float(np.mean([_pitch(s, g) for s, g in pairs]))
    middles = [_ends(s, g).astype(np.float64).mean(0) for s, g in pairs]
    return [float((middle - middles[0]) @ along) for middle in middles]


def _ends(strip: Strip, grid: Grid) -> NDArray[np.float32]:
    """Picture coordinates (x, y) of the middle of the first and the last character."""
    return strip.at(grid.centres[[0, -1]]).astype(np.float32)


def _pitch(strip: Strip, grid: Grid) -> float:
    first, last = _ends(strip, grid)
    return float(np.hypot(*(last - first))) / (len(grid.centres) - 1)
