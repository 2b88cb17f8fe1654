"""Refusals: the sentence that belongs to each, and what in the picture is the likeliest cause."""

import numpy as np

from models.mrz.values import Glyphs, Grey, Refusal, Refused

SATURATED = 250
_SMALLEST_PITCH_PX = 5.0
_ONE_CHARACTER = 0.8
"""In pitches, from the middle of a character to where the paper's border may be too near."""

_MESSAGES = {
    Refusal.NOT_FOUND: "no machine readable zone is in sight: lay the page flat, print side to the camera",
    Refusal.TOO_SMALL: "the print is too small: bring the document closer",
    Refusal.CUT_OFF: "the zone reaches the edge of the picture: show the whole page",
    Refusal.BLUR: "the print is blurred: hold the document still and flat",
    Refusal.GLARE: "light is reflected on the zone: tilt the document a little",
    Refusal.TILTED: "the page is tilted or bent: lay it flatter",
    Refusal.AMBIGUOUS: "some characters can be read in more than one way: show the page again",
    Refusal.CHECK_DIGITS: "the check digits do not agree with what is printed",
    Refusal.MALFORMED: "the text is no MRZ",
    Refusal.BAD_IMAGE: "the picture cannot be read",
}


def refused(reason: Refusal, confidence: float = 0.0) -> Refused:
    """A refusal with the sentence that belongs to its reason."""
    return Refused(reason, _MESSAGES[reason], confidence)


def explain_absence(grey: Grey) -> Refused:
    """Why no zone was found in the whole picture."""
    if float((grey >= SATURATED).mean()) > 0.6 and float(grey.std()) < 25:
        return refused(Refusal.GLARE)
    return refused(Refusal.NOT_FOUND)


def cause(grey: Grey, glyphs: Glyphs, otherwise: Refusal, confidence: float) -> Refused:
    """The physical cause if one shows in the zone, else the reason given."""
    if is_near_border(grey, glyphs, _ONE_CHARACTER):
        return refused(Refusal.CUT_OFF, confidence)
    if glyphs.pitch_px < _SMALLEST_PITCH_PX:
        return refused(Refusal.TOO_SMALL, confidence)
    patch = _patch(grey, glyphs)
    if patch.size and _glare_share(patch) > 0.04:
        return refused(Refusal.GLARE, confidence)
    if patch.size and _is_blurred(patch, glyphs.pitch_px):
        return refused(Refusal.BLUR, confidence)
    if _is_tilted(glyphs):
        return refused(Refusal.TILTED, confidence)
    return refused(otherwise, confidence)


def is_near_border(grey: Grey, glyphs: Glyphs, pitches: float) -> bool:
    """Whether the middle of a line's end lies within so many pitches of the picture's border."""
    margin = pitches * glyphs.pitch_px
    rows, columns = grey.shape
    x, y = glyphs.corners[..., 0], glyphs.corners[..., 1]
    near = (x < margin) | (y < margin) | (x > columns - margin) | (y > rows - margin)
    return bool(near.any())


def _is_tilted(glyphs: Glyphs) -> bool:
    """Whether perspective shows: lines that differ in length or direction."""
    ends = glyphs.corners[[0, -1]].astype(np.float64)
    along = ends[:, 1] - ends[:, 0]
    lengths = np.hypot(along[:, 0], along[:, 1])
    cross = along[0, 0] * along[1, 1] - along[0, 1] * along[1, 0]
    turn = abs(float(cross)) / max(float(lengths.prod()), 1e-6)
    return float(lengths.max() / max(lengths.min(), 1e-6)) > 1.05 or turn > 0.03


def _patch(grey: Grey, glyphs: Glyphs) -> Grey:
    """The upright rectangle around the zone."""
    low = np.maximum(glyphs.corners.reshape(-1, 2).min(0) - glyphs.pitch_px, 0).astype(int)
    high = np.maximum(glyphs.corners.reshape(-1, 2).max(0) + glyphs.pitch_px, 0).astype(int)
    return grey[low[1] : high[1], low[0] : high[0]]


def _glare_share(patch: Grey) -> float:
    """Share of saturated pixels, as far as the paper itself is not white."""
    if float(np.percentile(patch, 60)) >= SATURATED - 6:
        return 0.0
    return float((patch >= SATURATED).mean())


def _is_blurred(patch: Grey, pitch_px: float) -> bool:
    """Whether edges are softer than a sharp print's: steepest step per contrast and pitch."""
    values = patch.astype(np.float32)
    contrast = float(np.percentile(values, 95) - np.percentile(values, 5)) + 1
    steep = float(np.percentile(np.abs(np.diff(values, axis=1)), 97))
    return steep / contrast * pitch_px < 2.6
