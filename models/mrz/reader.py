"""The MRZ reader as one algorithm: locate, see (rectify, segment, classify), decode, judge."""

from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np

from models.mrz.classify import Classifier, default_classifier
from models.mrz.complete import completed
from models.mrz.decode import Decoded, decode
from models.mrz.glyphs import WIDTHS, Viewer, turned
from models.mrz.judge import explain_absence, judge
from models.mrz.locate import zones
from models.mrz.values import CameraReading, Glyphs, Grey, Pyramid, TextLine, Verdict, Zone

_MOST_ZONES = 16
_MOST_COMPLETED = 2
_PLAIN = 0.9
"""Presence from which no other width or direction of a zone is tried."""

_WORTH_SEEING = 0.62
_HOPELESS = 0.55
_WORTH_DECODING = 0.75


@dataclass(frozen=True, slots=True)
class Seen:
    """The best zone of a frame: its characters and the verdict on this frame alone."""

    glyphs: Glyphs | None
    decoded: Decoded | None
    verdict: Verdict


def read(grey: Grey, today: date, classifier: Classifier | None = None) -> Verdict:
    """The reading of one picture, uint8 (rows, columns), or why there is none."""
    return look(grey, today, classifier).verdict


def look(
    grey: Grey,
    today: date,
    classifier: Classifier | None = None,
    *,
    most_zones: int = _MOST_ZONES,
    complete: bool = True,
) -> Seen:
    """Zone after zone until one is read; else the one that came nearest to it.

    With `complete`, zones of which only a part was found are searched for the rest.
    """
    chosen = classifier or default_classifier()
    picture = Pyramid(grey)
    viewer = Viewer(picture, chosen)
    best = Seen(None, None, explain_absence(grey))
    partial: list[Glyphs] = []
    for zone in islice(zones(picture), most_zones):
        glyphs = _best_view(viewer, zone)
        if glyphs is None:
            continue
        seen = _judged(grey, glyphs, today)
        if isinstance(seen.verdict, CameraReading):
            return seen
        best = _better(best, seen)
        partial.append(glyphs)
    for glyphs in sorted(partial, key=lambda x: -x.score)[: _MOST_COMPLETED if complete else 0]:
        for zone in completed(picture, glyphs, chosen):
            whole = _best_view(viewer, zone)
            if whole is None:
                continue
            seen = _judged(grey, whole, today)
            if isinstance(seen.verdict, CameraReading):
                return seen
            best = _better(best, seen)
    return best


def _judged(grey: Grey, glyphs: Glyphs, today: date) -> Seen:
    decoded = _decoded(glyphs)
    return Seen(glyphs, decoded, judge(grey, glyphs, decoded, today))


def _decoded(glyphs: Glyphs) -> Decoded | None:
    if glyphs.presence < _WORTH_DECODING:
        return None
    return decode(glyphs.log_probabilities)


def _better(one: Seen, other: Seen) -> Seen:
    """The one that is nearer to a reading; a view without hope says nothing of the cause."""
    if other.glyphs is None or other.glyphs.score < _HOPELESS:
        return one
    return max(one, other, key=_nearness)


def _nearness(seen: Seen) -> float:
    if seen.glyphs is None:
        return 0.0
    return seen.glyphs.score + (seen.decoded.confidence if seen.decoded else 0.0)


def _best_view(viewer: Viewer, zone: Zone) -> Glyphs | None:
    """The width and direction in which the zone looks most like an MRZ, None where in none.

    The longest line alone decides which of them are worth seeing whole; the likeliest comes first.
    """
    likely, *others = [
        (way, width) for way in (zone, turned(zone)) for width in _likely_widths(zone)
    ]
    first = viewer.trace(_longest(likely[0]), likely[1])
    if first.grid.presence > _PLAIN:
        whole = viewer.see(*likely)
        if whole.presence > _PLAIN and whole.edge > 0.6:
            return whole
    trials = [(viewer.trace(_longest(way), width), way, width) for way, width in others]
    trials.append((first, *likely))
    alone, way, width = max(trials, key=lambda trial: trial[0].score)
    return viewer.see(way, width) if alone.grid.presence > _WORTH_SEEING else None


def _longest(zone: Zone) -> TextLine:
    return max(zone, key=lambda line: line.length)


def _likely_widths(zone: Zone) -> list[int]:
    """Widths for this number of lines, the one nearest to the shape of the lines first."""
    shape = float(np.median([line.length / line.height for line in zone]))
    return sorted(WIDTHS[len(zone)], key=lambda width: abs(width - shape))
