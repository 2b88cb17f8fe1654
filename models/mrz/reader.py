"""The MRZ reader as one algorithm: locate, see (rectify, segment, classify), decode, judge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

import numpy as np

from models.mrz.classify import Classifier, default_classifier
from models.mrz.complete import completed, found_lines
from models.mrz.decode import Decoded, decode
from models.mrz.glyphs import CARD_WIDTH, WIDTHS, Viewer, turned
from models.mrz.judge import accept, is_off_the_print, judge
from models.mrz.locate import zones
from models.mrz.refusals import explain_absence
from models.mrz.segment import Grid
from models.mrz.values import CameraReading, Glyphs, Grey, Pyramid, TextLine, Verdict, Zone

_MOST_ZONES = 16
_MOST_COMPLETED = 2
_MOST_POSTPONED = 3
_PLAIN = 0.9
"""Presence from which no other width or direction of a zone is tried."""

_WORTH_SEEING = 0.62
_HOPELESS = 0.55
_NO_TEXT = 0.45
"""Presence of a line in both directions below which no other width shows characters either."""

_CLEARLY_TURNED = 0.2
"""Difference of presence that tells the direction of a line whatever its width is."""

_WORTH_DECODING = 0.85
_IS_CARD = (0.95, 0.65)
"""Presence and edge at width 30 from which a zone of two lines is taken as a part of three."""

_SURE_VIEW = (0.97, 0.85)
"""Presence and edge from which a view shows an MRZ as well as any other view of it will."""


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
    picture = Pyramid(grey)
    viewer = Viewer(picture, classifier or default_classifier())
    views: list[tuple[Glyphs, Decoded | None]] = []
    candidates = _views(viewer, islice(zones(picture), most_zones))
    found = chain(candidates, _completions(viewer, views) if complete else ())
    for glyphs in chain.from_iterable(_twice(viewer, one) for one in found):
        decoded = _decoded(glyphs)
        verdict = accept(grey, glyphs, decoded, today)
        if isinstance(verdict, CameraReading):
            return Seen(glyphs, decoded, verdict)
        if _is_settled(views, glyphs, decoded):
            return Seen(glyphs, decoded, judge(grey, glyphs, decoded, today))
        views.append((glyphs, decoded))
    best = max(views, key=_nearness, default=None)
    if best is None or best[0].score < _HOPELESS:
        return Seen(None, None, explain_absence(grey))
    return Seen(*best, judge(grey, *best, today))


def _views(viewer: Viewer, found: Iterator[Zone]) -> Iterator[Glyphs]:
    """The best view of each zone; once a card's lines were seen zones of three lines come first."""
    later: list[Zone] = []
    is_card = False
    for zone in found:
        if is_card and len(zone) == 2:
            later.append(zone)
            continue
        glyphs = _best_view(viewer, zone)
        if glyphs is None:
            continue
        yield glyphs
        if not is_card and glyphs.log_probabilities.shape[:2] == (2, CARD_WIDTH):
            is_card = True
            yield from _completed(viewer, glyphs)
    for zone in later[:_MOST_POSTPONED]:
        glyphs = _best_view(viewer, zone)
        if glyphs is not None:
            yield glyphs


def _completions(viewer: Viewer, views: list[tuple[Glyphs, Decoded | None]]) -> Iterator[Glyphs]:
    """Views of what the best of the views seen so far may be a part of."""
    parts = sorted((glyphs for glyphs, _ in views), key=lambda x: -x.score)
    for glyphs in parts[:_MOST_COMPLETED]:
        yield from _completed(viewer, glyphs)


def _completed(viewer: Viewer, glyphs: Glyphs) -> Iterator[Glyphs]:
    """Views of the zones that these lines may be a part of."""
    for zone in completed(viewer.picture, glyphs, viewer.classifier):
        whole = _best_view(viewer, zone)
        if whole is not None:
            yield whole


def _twice(viewer: Viewer, glyphs: Glyphs) -> Iterator[Glyphs]:
    """The view and, where it shows an MRZ plainly, another along the lines that it found."""
    yield glyphs
    lines, width, _ = glyphs.log_probabilities.shape
    if _reaches(glyphs, _SURE_VIEW) and (lines, width) != (2, CARD_WIDTH):
        yield viewer.see(found_lines(glyphs), width)


def _decoded(glyphs: Glyphs) -> Decoded | None:
    if glyphs.presence < _WORTH_DECODING:
        return None
    return decode(glyphs.log_probabilities)


def _is_settled(
    views: list[tuple[Glyphs, Decoded | None]], glyphs: Glyphs, decoded: Decoded | None
) -> bool:
    """Whether two earlier views showed the same text as plainly: another would not read it either."""
    if decoded is None or not _reaches(glyphs, _SURE_VIEW) or is_off_the_print(glyphs, decoded):
        return False
    alike = [
        view
        for view, other in views
        if other is not None and other.lines == decoded.lines and _reaches(view, _SURE_VIEW)
    ]
    return len(alike) >= 2


def _reaches(seen: Glyphs | Grid, least: tuple[float, float]) -> bool:
    return seen.presence >= least[0] and seen.edge >= least[1]


def _nearness(view: tuple[Glyphs, Decoded | None]) -> float:
    glyphs, decoded = view
    return glyphs.score + (decoded.confidence if decoded else 0.0)


def _best_view(viewer: Viewer, zone: Zone) -> Glyphs | None:
    """The width and direction in which the zone looks most like an MRZ, None where in none.

    The longest line alone decides which of them are worth seeing whole; the likeliest comes first.
    """
    widths = _likely_widths(zone)
    line = max(zone, key=lambda line: line.length)
    upright = viewer.trace(line, widths[0])
    if upright.grid.presence > _PLAIN:
        whole = viewer.see(zone, widths[0])
        if whole.presence > _PLAIN and whole.edge > 0.6:
            return whole
    back = TextLine(line.right, line.left, line.height)
    trials = [(upright, zone, widths[0]), (viewer.trace(back, widths[0]), turned(zone), widths[0])]
    if max(trial[0].grid.presence for trial in trials) < _NO_TEXT:
        return None
    presences = [trial[0].grid.presence for trial in trials]
    for width in widths[1:]:
        if presences[0] > presences[1] - _CLEARLY_TURNED:
            trials.append((viewer.trace(line, width), zone, width))
        if presences[1] > presences[0] - _CLEARLY_TURNED:
            trials.append((viewer.trace(back, width), turned(zone), width))
    alone, way, width = max(trials, key=lambda trial: trial[0].score)
    if len(zone) == 2 and width == CARD_WIDTH and not _reaches(alone.grid, _IS_CARD):
        others = [trial for trial in trials if trial[2] != CARD_WIDTH]
        alone, way, width = max(others, key=lambda trial: trial[0].score)
    return viewer.see(way, width) if alone.grid.presence > _WORTH_SEEING else None


def _likely_widths(zone: Zone) -> list[int]:
    """Widths for this number of lines, the one nearest to the shape of the lines first.

    Two lines may also be a part of a card's three.
    """
    if len(zone) == 3:
        return [CARD_WIDTH]
    shape = float(np.median([line.length / line.height for line in zone]))
    return [*sorted(WIDTHS, key=lambda width: abs(width - shape)), CARD_WIDTH]
