"""The glyph networks: reading and training compute the same, gradients are gradients."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.mrz.classify import Classifier, normalise_windows
from models.mrz.network import CONVOLUTIONS, PERCEPTRON, SECOND, Network, Runner, Weights
from models.mrz.training.strips import Windows
from models.mrz.training.train import RECIPES, Trainer, gradients, save, softmax, train


def trained(network: Network) -> Weights:
    """Random weights of the network's shapes."""
    return Trainer(network, 0.002, np.random.default_rng(1)).weights


def loss(network: Network, weights: Weights, batch: Windows) -> float:
    """Mean cross-entropy in double precision."""
    p = softmax(network.trace(weights, batch.pixels)[1][-1]).astype(np.float64)
    return float(-np.log(p[np.arange(len(p)), batch.classes]).mean())


def windows(count: int) -> Windows:
    """Random windows with random classes."""
    rng = np.random.default_rng(2)
    pixels = rng.normal(0, 1, (count, 480)).astype(np.float32)
    return Windows(pixels, rng.integers(0, 38, count))


@pytest.mark.parametrize("network", [PERCEPTRON, CONVOLUTIONS, SECOND], ids=lambda x: x.name)
@pytest.mark.parametrize("count", [1, 7, 60, 131, 300])
def test_the_reader_computes_what_the_training_computes(network: Network, count: int) -> None:
    """Pieces of a fixed number of windows give the same logits as all of them at once."""
    weights, pixels = trained(network), windows(count).pixels
    expected = network.trace(weights, pixels)[1][-1]
    runner = Runner(network, weights)
    runner.logits(windows(200).pixels)
    np.testing.assert_allclose(runner.logits(pixels), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("network", [PERCEPTRON, CONVOLUTIONS], ids=lambda x: x.name)
def test_gradients_are_those_of_the_loss(network: Network) -> None:
    """A small step along the gradient lowers the loss by as much as its length says."""
    weights, batch = trained(network), windows(40)
    slopes = gradients(network, weights, batch)
    for k in range(len(weights)):
        step = 1e-2 / float(np.linalg.norm(slopes[k]))
        moved = [x.copy() for x in weights]
        moved[k] -= np.float32(step) * slopes[k]
        expected = step * float((slopes[k].astype(np.float64) ** 2).sum())
        fallen = loss(network, weights, batch) - loss(network, moved, batch)
        assert fallen == pytest.approx(expected, rel=0.15)


def test_training_lowers_the_loss() -> None:
    """Twenty steps on one batch learn it in part."""
    trainer, batch = Trainer(CONVOLUTIONS, 0.01, np.random.default_rng(3)), windows(128)
    before = loss(CONVOLUTIONS, trainer.weights, batch)
    for _ in range(20):
        trainer._step += 25  # behind the slow start
        trainer.learn(batch, 0.0)
    assert loss(CONVOLUTIONS, trainer.weights, batch) < 0.8 * before


def test_windows_have_no_mean_and_unit_contrast() -> None:
    """Brightness of the paper and strength of the ink do not reach the networks."""
    strip = np.random.default_rng(4).uniform(60, 200, (24, 200)).astype(np.float32)
    one = normalise_windows(strip, np.array([50.0, 120.0]))
    other = normalise_windows(strip * 0.5 + 30, np.array([50.0, 120.0]))
    assert np.abs(one.mean(1)).max() < 1e-4
    assert np.corrcoef(one[0], other[0])[0, 1] > 0.999


def test_the_training_writes_weights_that_read(tmp_path: Path) -> None:
    """A trial of the script for each network leaves an archive that the reader can load."""
    path = tmp_path / "weights.npz"
    rng = np.random.default_rng(5)
    for recipe in RECIPES.values():
        trial = replace(recipe, rounds=1, epochs=1, strips=16, cuts=2)
        save(path, train(trial, rng), 1.0)
    with np.load(path) as archive:
        classifier = Classifier({name: archive[name] for name in archive.files})
    views = np.stack([windows(3).pixels] * 2)
    assert classifier.log_probabilities(views).shape == (3, 38)
