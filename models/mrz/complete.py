"""Complete: from a part of a zone to zones that hold all of it.

Where a stamp, a fold or a border cut a line in the picture, the characters that were found give
the pitch; along the prolonged line the classifier finds where 30, 36 or 44 characters begin and
end with nothing beside them, and the lines above or below are looked for at the distance found.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import Classifier
from models.mrz.rectify import PITCH, rectify
from models.mrz.segment import Grid, Profile, profile, segment
from models.mrz.values import Glyphs, Pyramid, TextLine, Zone

_PROLONGED = 26
"""Characters by which a line is prolonged at both ends."""

_USUAL_SPACING = 2.4
_LEAST_PRESENCE = 0.75
_LEAST_FIT = 1.1
"""Presence and half the edge of a line that is taken as whole."""

_STRETCH_COST = 100.0
"""Log-likelihood that a pitch costs which differs from the one seen, per unit of their ratio."""

_WHOLE_PRESENCE, _WHOLE_EDGE = 0.93, 0.85
"""From which on the lines of a view are taken as whole, so that only other lines are missing."""


def completed(picture: Pyramid, view: Glyphs, classifier: Classifier) -> Iterator[Zone]:
    """Zones that the lines of this view may be a part of, likeliest first."""
    if view.presence < _LEAST_PRESENCE:
        return
    line = _line(view, _surest(view))
    is_whole = view.edge > _WHOLE_EDGE and view.presence > _WHOLE_PRESENCE
    seen = (line, view.log_probabilities.shape[1])
    whole = seen if is_whole else _whole_line(picture, line, view, classifier)
    if whole is None:
        return
    line, width = whole
    spacings = _spacings(view, line, width)
    places = ((-2, -1, 0), (-1, 0, 1), (0, 1, 2)) if width == 30 else ((-1, 0), (0, 1))
    for place in places:
        for spacing in spacings:
            yield tuple(_shifted(line, k * spacing) for k in place)


def found_lines(view: Glyphs) -> Zone:
    """The lines of a view from their first to their last character."""
    return tuple(_line(view, number) for number in range(len(view.corners)))


def _surest(view: Glyphs) -> int:
    none = np.exp(view.log_probabilities[..., -1]).mean(1)
    return int(none.argmin())


def _line(view: Glyphs, number: int) -> TextLine:
    """A line of the view as it was segmented, half a character longer at both ends."""
    first, last = view.corners[number].astype(np.float64)
    half = (last - first) / np.hypot(*(last - first)) * view.pitch_px * 0.32
    return TextLine(_point(first - half), _point(last + half), view.pitch_px)


def _whole_line(
    picture: Pyramid, line: TextLine, view: Glyphs, classifier: Classifier
) -> tuple[TextLine, int] | None:
    """The line with its true ends and width; None where no width fits."""
    seen_width = view.log_probabilities.shape[1]
    strip = rectify(picture, line, seen_width, _PROLONGED)
    along = profile(strip, classifier)
    fits = [(width, segment(along, width)) for width in (30, 36, 44)]
    width, grid = max(fits, key=lambda fit: _likelihood(along, fit[1]))
    if grid.presence + 0.5 * grid.edge < _LEAST_FIT:
        return None
    left, right = (_point(xy) for xy in strip.at(grid.centres[[0, -1]] + [-5, 5]))
    return TextLine(left, right, line.height), width


def _likelihood(along: Profile, grid: Grid) -> float:
    """Log-likelihood of a strip that holds these characters and nothing a pitch apart beside them."""
    steps = np.arange(1, len(along.at)) * PITCH
    outside = np.concatenate([grid.centres[0] - steps, grid.centres[-1] + steps])
    outside = outside[(outside >= along.at[0]) & (outside <= along.at[-1])]
    inside = np.interp(grid.centres, along.at, along.present).sum()
    stretched = abs(float(grid.centres[-1] - grid.centres[0]) / (len(grid.centres) - 1) / PITCH - 1)
    return float(
        inside + np.interp(outside, along.at, along.absent).sum() - _STRETCH_COST * stretched
    )


def _spacings(view: Glyphs, line: TextLine, width: int) -> list[float]:
    """Distance of two lines in pixels: as seen where the view's lines are plausible, as usual."""
    pitch = line.length / (width - 0.35)
    centres = view.corners.astype(np.float64).mean(1)
    along = np.array(line.right) - np.array(line.left)
    across = np.array([-along[1], along[0]]) / max(line.length, 1e-6)
    seen = [float(abs((b - a) @ across)) for a, b in pairwise(centres)]
    plausible = [x for x in seen if 1.4 < x / pitch < 3.3]
    usual = _USUAL_SPACING * pitch
    return [min(plausible)] if plausible else [usual]


def _shifted(line: TextLine, distance: float) -> TextLine:
    along = (np.array(line.right) - np.array(line.left)) / max(line.length, 1e-6)
    shift = np.array([-along[1], along[0]]) * distance
    return TextLine(
        _point(np.array(line.left) + shift), _point(np.array(line.right) + shift), line.height
    )


def _point(xy: NDArray[np.float64]) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])
