"""Judge: accept a decoded zone only where picture and check digits leave no doubt."""

from datetime import date

import numpy as np

from models.mrz.decode import Decoded
from models.mrz.layout import MrzFormat
from models.mrz.refusals import SATURATED, cause, is_near_border, refused
from models.mrz.text import parse
from models.mrz.values import CameraReading, Glyphs, Grey, Refusal, Refused, Verdict

LEAST_CONFIDENCE = 0.95
"""Joint posterior of all lines that is accepted (see docs/mrz.md for the risk it stands for)."""

LEAST_CHARACTER = 0.98
"""Posterior of each single character: one plain doubt weighs more than many small ones, of which
blurred print has many. Where a check digit tells, little doubt is left."""

LEAST_PRESENCE = 0.75
LEAST_PLAIN = 0.975
"""Presence of a zone that is accepted; of what is read right of bad frames 99 of 100 have 0.985 and
more. Less means print so smeared that an H looks as surely like an N as an N does."""

MOST_REPAIRED = 6
MOST_OVERRULED = 7.8
"""Log-likelihood that check digits may cost in one slot. A classifier that is surer than 50 to 1
of another character (before its opinions are sharpened, `classify.py`) speaks for a document that
is at odds with its check digits."""

MOST_OVERRULED_UNCHECKED = 3.0
"""The same in a slot that no check digit covers: there the grammar alone stands against the picture,
and a line that was seen one character too far to a side looks like that."""

_MAY_HAVE_A_CAUSE = (Refusal.NOT_FOUND, Refusal.AMBIGUOUS, Refusal.CHECK_DIGITS, Refusal.CUT_OFF)
_HIDDEN_PITCHES = 8.5
"""By how much the lines of an MRV-A are longer than those of an MRV-B, in characters."""

_HALF_A_CHARACTER = 0.42
"""In pitches, from the middle of a character to where it may end."""

_LEAST_BLANK = 0.25
"""Probability that a line ends where it was cut; seen of MRV-B in bad light: 0.27 and more."""

_WITHOUT_CHECK = ("document_code", "issuing_state", "name", "nationality")
_UNSEEN = 0.7
_UNSEEN_END = 0.2
"""The same at the ends of a line: one that was seen too far to a side has an empty place there."""

_MOST_BESIDE, _MOST_STRETCHED = 0.55, 0.8
"""In characters, between lines that follow each other; seen right in bad views: 0.41 and 0.64."""


def judge(grey: Grey, glyphs: Glyphs, decoded: Decoded | None, today: date) -> Verdict:
    """The reading, or the refusal with its likeliest cause."""
    verdict = accept(grey, glyphs, decoded, today)
    if isinstance(verdict, Refused) and verdict.reason in _MAY_HAVE_A_CAUSE:
        return cause(grey, glyphs, verdict.reason, verdict.confidence)
    return verdict


def accept(grey: Grey, glyphs: Glyphs, decoded: Decoded | None, today: date) -> Verdict:
    """The reading, or the refusal by what was decoded, its cause in the picture not looked for."""
    if decoded is None or glyphs.presence < LEAST_PRESENCE:
        return refused(Refusal.NOT_FOUND)
    if len(decoded.repaired) > MOST_REPAIRED or _is_at_odds(decoded):
        reason = Refusal.CHECK_DIGITS if _is_sharp(glyphs) else Refusal.AMBIGUOUS
        return refused(reason, decoded.confidence)
    if not _is_sure(glyphs, decoded) or is_off_the_print(glyphs, decoded):
        return refused(Refusal.AMBIGUOUS, decoded.confidence)
    try:
        fields = parse(decoded.lines, today)
    except ValueError as error:
        return Refused(Refusal.MALFORMED, f"the text is no MRZ: {error}", decoded.confidence)
    if not fields.valid:
        return refused(Refusal.CHECK_DIGITS, decoded.confidence)
    if _may_go_on(grey, glyphs, decoded) or is_near_border(grey, glyphs, _HALF_A_CHARACTER):
        return refused(Refusal.CUT_OFF, decoded.confidence)
    return CameraReading(
        format=decoded.layout.format,
        lines=decoded.lines,
        fields=fields,
        confidence=decoded.confidence,
        character_confidence=tuple(
            tuple(round(float(p), 4) for p in row) for row in decoded.characters
        ),
        field_confidence=_by_field(decoded),
        repaired=decoded.repaired,
    )


def _may_go_on(grey: Grey, glyphs: Glyphs, decoded: Decoded) -> bool:
    """Whether an MRV-B may be an MRV-A of which the last columns do not show.

    Visas have no composite check digit at the end, so that nothing else tells them apart: nothing
    may be seen behind the lines, and the paper there must go on as bright as it is between them,
    and not be blown out.
    """
    if decoded.layout.format is not MrzFormat.MRVB:
        return False
    if glyphs.behind < _LEAST_BLANK:
        return True
    paper = float(np.percentile(_behind(grey, glyphs, -6.0, 0.0), 80))
    near = _behind(grey, glyphs, 0.8, 2.4)
    if not near.size or abs(float(np.median(near)) - paper) > 0.3 * paper + 8:
        return True
    places = np.arange(0.8, _HIDDEN_PITCHES)
    behind = [_behind(grey, glyphs, place, place + 1) for place in places]
    brightest = max(float(np.median(pixels)) for pixels in behind if pixels.size)
    return brightest >= SATURATED and paper < SATURATED - 15


def _behind(grey: Grey, glyphs: Glyphs, first: float, last: float) -> Grey:
    """Pixels along the lines from `first` to `last` pitches behind their ends, inside the picture."""
    found = []
    for left, right in glyphs.corners.astype(np.float64):
        step = (right - left) / max(float(np.hypot(*(right - left))), 1e-6) * glyphs.pitch_px
        across = np.array([-step[1], step[0]])
        reach = np.arange(first, last, 0.1)[:, None]
        for rise in (-0.3, 0.0, 0.3):
            found.append(right + reach * step + rise * across)
    at = np.rint(np.concatenate(found)).astype(np.int64)
    inside = (at >= 0).all(1) & (at < np.array(grey.shape[::-1])).all(1)
    return np.asarray(grey[at[inside, 1], at[inside, 0]], dtype=np.uint8)


def _is_at_odds(decoded: Decoded) -> bool:
    """Whether constraints had to speak against what the picture plainly shows."""
    by_grammar = decoded.overruled_unchecked
    return decoded.overruled > MOST_OVERRULED or by_grammar > MOST_OVERRULED_UNCHECKED


def _is_sure(glyphs: Glyphs, decoded: Decoded) -> bool:
    """Whether the print is plain and no character of it in doubt, alone and all together."""
    return bool(
        glyphs.presence >= LEAST_PLAIN
        and decoded.confidence >= LEAST_CONFIDENCE
        and decoded.characters.min() >= LEAST_CHARACTER
    )


def is_off_the_print(glyphs: Glyphs, decoded: Decoded) -> bool:
    """Whether the slots do not lie on the characters: one shows none, or lines begin or end beside
    each other. Grammar alone must not fill a slot, and a name one place off is a name as well.
    """
    none = np.exp(glyphs.log_probabilities[..., -1])
    spans = (decoded.layout.fields[name] for name in _WITHOUT_CHECK)
    unseen = max(float(none[s.line, s.start : s.end].max()) for s in spans)
    unseen_end = float(none[:, [0, -1]].max())
    return unseen > _UNSEEN or unseen_end > _UNSEEN_END or _is_out_of_line(glyphs)


def _is_out_of_line(glyphs: Glyphs) -> bool:
    """Whether two lines that follow each other lie beside each other, or only their ends do."""
    ends = glyphs.corners.astype(np.float64)
    along = (ends[:, 1] - ends[:, 0]).mean(0)
    places = ends @ along / float(np.hypot(*along)) / glyphs.pitch_px
    beside = np.abs(np.diff(places.mean(1)))
    stretched = np.abs(np.diff(places[:, 1] - places[:, 0]))
    return bool(beside.max() > _MOST_BESIDE or stretched.max() > _MOST_STRETCHED)


def _is_sharp(glyphs: Glyphs) -> bool:
    """Whether the classifier is sure of nearly every character by itself."""
    best = glyphs.log_probabilities[..., :-1].max(-1)
    return bool(np.quantile(best, 0.1) > np.log(0.8))


def _by_field(decoded: Decoded) -> dict[str, float]:
    """The least sure character of each field."""
    return {
        name: round(float(decoded.characters[span.line, span.start : span.end].min()), 4)
        for name, span in decoded.layout.fields.items()
    }
