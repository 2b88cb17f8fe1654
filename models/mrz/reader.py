"""The MRZ reader as one algorithm: locate, see (rectify, segment, classify), decode, judge."""

from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np

from models.mrz.classify import Classifier, default_classifier
from models.mrz.decode import Decoded, decode
from models.mrz.glyphs import WIDTHS, see, turned
from models.mrz.judge import explain_absence, judge
from models.mrz.locate import zones
from models.mrz.values import CameraReading, Glyphs, Grey, Refusal, Refused, Verdict, Zone

_MOST_ZONES = 14
_PLAIN = 0.9
"""Presence from which no other width or direction of a zone is tried."""

_HOPELESS = 0.55


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
    grey: Grey, today: date, classifier: Classifier | None = None, most_zones: int = _MOST_ZONES
) -> Seen:
    """Zone after zone until one is read; else the one that came nearest to it."""
    chosen = classifier or default_classifier()
    best = Seen(None, None, explain_absence(grey))
    best_score = _HOPELESS
    for zone in islice(zones(grey), most_zones):
        glyphs = _best_view(grey, zone, chosen)
        if glyphs.score < min(best_score, 0.75):
            continue
        decoded = decode(glyphs.log_probabilities)
        verdict = judge(grey, glyphs, decoded, today)
        seen = Seen(glyphs, decoded, verdict)
        if isinstance(verdict, CameraReading):
            return seen
        if glyphs.score > best_score:
            best, best_score = seen, glyphs.score
    return best


def _best_view(grey: Grey, zone: Zone, classifier: Classifier) -> Glyphs:
    """The width and direction in which the zone looks most like an MRZ."""
    views: list[Glyphs] = []
    for candidate in (zone, turned(zone)):
        for width in _likely_widths(zone):
            view = see(grey, candidate, width, classifier)
            if view.presence > _PLAIN and view.edge > 0.6:
                return view
            views.append(view)
    return max(views, key=lambda view: view.score)


def _likely_widths(zone: Zone) -> list[int]:
    """Widths for this number of lines, the one nearest to the shape of the lines first."""
    shape = float(np.median([line.length / line.height for line in zone]))
    return sorted(WIDTHS[len(zone)], key=lambda width: abs(width - shape))


__all__ = ["Refusal", "Refused", "Seen", "look", "read"]
