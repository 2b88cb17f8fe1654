"""What the classifier says of characters, and how much it counts."""

import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import Classifier, contrasts, fainter
from models.mrz.layout import ALPHABET
from models.mrz.network import CONVOLUTIONS, PERCEPTRON, SECOND, Network


def test_a_faded_character_says_less_and_a_plain_one_as_much_as_before() -> None:
    """At a quarter of the usual contrast odds of 999 to 1 shrink to less than 9 to 1."""
    sure = np.full((5, len(ALPHABET) + 1), 1e-9)
    sure[:, 7], sure[:, 8] = 0.999, 0.001
    logs = np.log(sure / sure.sum(1, keepdims=True)).astype(np.float32)
    contrast = np.repeat(np.array([[40], [40], [40], [40], [10]], np.float32), 3, axis=1)
    found = np.exp(fainter(logs, contrast))
    assert np.allclose(found[:4], np.exp(logs[:4]), atol=1e-4)
    assert 1 < found[4, 7] / found[4, 8] < 9
    assert np.allclose(found.sum(1), 1, atol=1e-4)


def test_a_character_whose_foot_is_washed_out_says_less() -> None:
    """An I without its foot is as plain a T as a T is; a plain character may have an empty half."""
    sure = np.full((5, len(ALPHABET) + 1), 1e-9)
    sure[:, 7], sure[:, 8] = 0.999, 0.001
    logs = np.log(sure / sure.sum(1, keepdims=True)).astype(np.float32)
    contrast = np.full((5, 3), 40, np.float32)
    contrast[3], contrast[4] = (30, 40, 8), (21, 25, 8)
    found = np.exp(fainter(logs, contrast))
    assert np.allclose(found[:4], np.exp(logs[:4]), atol=1e-4)
    assert found[4, 7] < 0.9


def test_contrast_is_that_of_the_ink_around_each_centre() -> None:
    """A line that fades to one side has less contrast there."""
    strip = np.full((24, 160), 200, np.float32)
    strip[8:16, 20:24] -= 100
    strip[8:16, 120:124] -= 20
    strong, weak = contrasts(strip, np.array([22.0, 122.0]))
    assert np.allclose(strong, 5 * weak, rtol=0.01)


def test_contrast_of_a_half_is_that_of_its_ink() -> None:
    """Ink in the upper half only shows in the whole and in that half."""
    strip = np.full((24, 80), 200, np.float32)
    strip[4:10, 36:44] -= 100
    whole, upper, lower = contrasts(strip, np.array([40.0]))[0]
    assert upper > whole > lower == 0


def outspoken(answers: dict[Network, int], sure: float) -> Classifier:
    """A classifier whose networks each say one class, whatever they see."""
    archive: dict[str, NDArray[np.float32]] = {}
    for network, answer in answers.items():
        for k, (inputs, outputs) in enumerate(network.sizes):
            archive[f"{network.name}{2 * k}"] = np.zeros((inputs, outputs), np.float32)
            archive[f"{network.name}{2 * k + 1}"] = np.zeros(outputs, np.float32)
        archive[f"{network.name}{2 * len(network.sizes) - 1}"][answer] = sure
        archive[f"{network.name}_temperature"] = np.ones((), np.float32)
    return Classifier(archive)


def test_what_is_plain_to_two_networks_is_not_asked_of_the_third() -> None:
    """Where both are sure the third has no say; where they are not it counts as much as the second."""
    views = np.zeros((5, 3, 480), np.float32)
    plain = outspoken({PERCEPTRON: 7, CONVOLUTIONS: 7, SECOND: 8}, 20.0)
    assert (plain.log_probabilities(views).argmax(1) == 7).all()
    assert np.exp(plain.log_probabilities(views)[0, 7]) > 0.999
    torn = np.exp(
        outspoken({PERCEPTRON: 9, CONVOLUTIONS: 7, SECOND: 8}, 5.0).log_probabilities(views)
    )
    assert np.allclose(torn[:, 7], torn[:, 8], atol=1e-4)
    assert (torn[:, 7] > torn[:, 9]).all()
