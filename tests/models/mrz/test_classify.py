"""What the classifier says of characters, and how much it counts."""

import numpy as np

from models.mrz.classify import contrasts, fainter
from models.mrz.layout import ALPHABET


def test_a_faded_character_says_less_and_a_plain_one_as_much_as_before() -> None:
    """At a quarter of the usual contrast odds of 999 to 1 shrink to less than 9 to 1."""
    sure = np.full((5, len(ALPHABET) + 1), 1e-9)
    sure[:, 7], sure[:, 8] = 0.999, 0.001
    logs = np.log(sure / sure.sum(1, keepdims=True)).astype(np.float32)
    found = np.exp(fainter(logs, np.array([40, 40, 40, 40, 10], np.float32)))
    assert np.allclose(found[:4], np.exp(logs[:4]), atol=1e-4)
    assert 1 < found[4, 7] / found[4, 8] < 9
    assert np.allclose(found.sum(1), 1, atol=1e-4)


def test_contrast_is_that_of_the_ink_around_each_centre() -> None:
    """A line that fades to one side has less contrast there."""
    strip = np.full((24, 160), 200, np.float32)
    strip[8:16, 20:24] -= 100
    strip[8:16, 120:124] -= 20
    strong, weak = contrasts(strip, np.array([22.0, 122.0]))
    assert np.isclose(strong, 5 * weak, rtol=0.01)
