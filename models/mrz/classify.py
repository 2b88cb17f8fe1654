"""Classify: windows of a rectified line to log-probabilities of the 37 characters or none.

Three small networks (`network.py`) over 24 x 20 pixels at 16 pixels a pitch, trained by
`models.mrz.training.train` on glyphs that the project renders. The extra class REJECT is a window
that is not centred on a character of an upright MRZ; it is what the grid is fitted by.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.layout import ALPHABET
from models.mrz.network import CONVOLUTIONS, PERCEPTRON, SECOND, Network, Runner, Weights

WINDOW = (24, 20)
"""Rows and columns of a window, in pixels of a strip of 16 pixels a pitch."""

REJECT = len(ALPHABET)
WEIGHTS_PATH = Path(__file__).parent / "data" / "classifier.npz"
_FLAT = 6.0
"""Grey levels that are taken as no contrast at all."""

_FADED = 0.5
"""Contrast, to the zone's median, below which a character tells less the fainter it is."""

_FAINT, _FADED_HALF = 0.55, 0.4
"""Contrast of a character from which its halves are looked at, and the same of a half; of what is
read right of bad frames one in two hundred has a half so faint."""

_HALVES = (slice(2, 11), slice(13, 22))
"""Rows of a window's upper and lower half, without the middle and what may be outside."""


def normalise_windows(
    strip: NDArray[np.float32],
    centres: NDArray[np.float64],
    rises: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Windows (n, 480) of zero mean and unit contrast around the centres (n,) of a strip.

    `strip` is float32 grey of shape (24 or more, width); centres are rounded to whole pixels and lie
    `rises` (n,) rows above its middle, if given.
    """
    pixels, contrast = _windows(strip, centres, rises)
    pixels /= (contrast + _FLAT + 0.15 * float(np.median(contrast)))[:, None]
    return np.asarray(pixels, dtype=np.float32)


def contrasts(strip: NDArray[np.float32], centres: NDArray[np.float64]) -> NDArray[np.float32]:
    """Standard deviations (n, 3) in grey levels of the windows around the centres (n,), of the upper
    half of each and of the lower.
    """
    pixels, whole = _windows(strip, centres, None)
    maps = pixels.reshape(-1, *WINDOW)
    halves = [maps[:, rows].reshape(len(maps), -1).std(1) for rows in _HALVES]
    return np.stack([whole, *halves], axis=1)


def fainter(
    log_probabilities: NDArray[np.float32], contrast: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Log-probabilities (n, 38), flattened where the contrast (n, 3) is far below the median: there
    noise and glare write as much as ink does. Where half of a faint character is fainter still, that
    half tells how much: a reflection that takes the foot of an I leaves a T.
    """
    share = contrast / np.maximum(np.median(contrast, axis=0), 1e-6)
    half = np.where(share[:, 0] < _FAINT, share[:, 1:].min(1) / _FADED_HALF, 1.0)
    told = np.minimum(1.0, np.minimum(share[:, 0] / _FADED, half)) ** 2
    flat = log_probabilities * told[:, None]
    return np.asarray(flat - np.logaddexp.reduce(flat, axis=1, keepdims=True), dtype=np.float32)


def _windows(
    strip: NDArray[np.float32], centres: NDArray[np.float64], rises: NDArray[np.int64] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Windows (n, 480) of zero mean, and their standard deviations (n,)."""
    rows, columns = WINDOW
    spare = (strip.shape[0] - rows) // 2
    reach = 0 if rises is None else max(0, int(np.abs(rises).max()) - spare)
    padded = cv2.copyMakeBorder(strip, reach, reach, columns, columns, cv2.BORDER_REPLICATE)
    starts = np.rint(centres).astype(np.int64) + columns - columns // 2
    starts = np.clip(starts, 0, padded.shape[1] - columns)
    tops = np.full(len(starts), spare + reach) if rises is None else spare + reach - rises
    every = np.lib.stride_tricks.sliding_window_view(np.asarray(padded, dtype=np.float32), WINDOW)
    pixels = every[tops, starts].reshape(len(starts), rows * columns)
    pixels -= pixels.mean(1, keepdims=True)
    return pixels, np.sqrt(np.einsum("ij,ij->i", pixels, pixels) / pixels.shape[1])


_FIRST = {PERCEPTRON: 1 / 3, CONVOLUTIONS: 2 / 3}
_ALL = {PERCEPTRON: 0.2, CONVOLUTIONS: 0.4, SECOND: 0.4}
"""How much each network's opinion counts, of plain characters and of all others."""

_SHARPENING = 0.5
"""Temperature of the mean of all opinions: they err less together than each is calibrated for.

This, the weights and the doubt were chosen on 1,000 hard frames (docs/mrz.md).
"""

_PLAIN = 0.9995
"""Probability below which the third network is asked as well."""

_SEEN_WELL = 0.98
"""Probability below which a character is seen again in displaced views."""


class Classifier:
    """The trained weights; all questions are pure."""

    def __init__(self, archive: dict[str, NDArray[np.float32]]) -> None:
        self._runners = {x.name: Runner(x, _weights(archive, x)) for x in _ALL}
        self._temperature = {x.name: float(archive[f"{x.name}_temperature"]) for x in _ALL}

    def log_none(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Natural logarithm (n,) of the probability that no character is centred in a window."""
        return self.first_opinion(windows)[:, REJECT]

    def first_opinion(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the perceptron alone says: log-probabilities (n, 38), the last being none."""
        return self._ask(PERCEPTRON, windows)

    def log_probabilities(self, views: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-probabilities (n, 38) of n characters in views (k, n, 480), the first not displaced.

        The mean of what the networks say: where they differ none is sure. The third is asked about
        what is not plain, and a doubtful character is seen in all views, so that less depends on the
        grid.
        """
        opinion = self._mean(_FIRST, views[0])
        unsure = _is_below(_PLAIN, opinion)
        if unsure.any():
            opinion[unsure] = self._mean(_ALL, views[0, unsure])
        doubtful = unsure & _is_below(_SEEN_WELL, opinion)
        if doubtful.any():
            others = views[1:, doubtful]
            again = self._mean(_ALL, others.reshape(-1, views.shape[2]))
            again = again.reshape(*others.shape[:2], -1)
            opinion[doubtful] = (opinion[doubtful] + again.sum(0)) / len(views)
        return _sharpened(opinion)

    def _mean(
        self, weights: dict[Network, float], windows: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        parts = [weight * self._ask(network, windows) for network, weight in weights.items()]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)

    def _ask(self, network: Network, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = self._runners[network.name].logits(windows)
        logits = logits / self._temperature[network.name]
        logits -= logits.max(1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(1, keepdims=True)))


def _is_below(probability: float, opinion: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of which opinions (n, 38) the likeliest character has less than this probability."""
    return np.asarray(_sharpened(opinion).max(1) < np.log(probability))


def _sharpened(opinion: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities of mean opinions (n, 38)."""
    sharp = opinion / _SHARPENING
    return np.asarray(sharp - np.logaddexp.reduce(sharp, axis=-1, keepdims=True))


def _weights(archive: dict[str, NDArray[np.float32]], network: Network) -> Weights:
    count = 2 * len(network.sizes)
    return [archive[f"{network.name}{k}"].astype(np.float32) for k in range(count)]


@cache
def default_classifier() -> Classifier:
    """The classifier that ships with the package."""
    with np.load(WEIGHTS_PATH) as archive:
        return Classifier({name: archive[name] for name in archive.files})
