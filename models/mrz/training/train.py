"""Train a glyph network: `python -m models.mrz.training.train perceptron|convolutions|second --seed 5`.

Training cuts: two of the atlas (rounded, slanted) and random members of the drawn family. Held out
for the figures: the sharp cut of the atlas and UNSEEN_CUTS; the temperature is fitted on fresh
training cuts. Adam on cross-entropy, numpy and OpenCV's matrix product, one thread.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import WEIGHTS_PATH
from models.mrz.network import CONVOLUTIONS, PERCEPTRON, SECOND, Network, Weights, product
from models.mrz.training.atlas import load
from models.mrz.training.outlines import UNSEEN_CUTS, distorted, draw, random_cut
from models.mrz.training.strips import BAD, USUAL, Wear, Windows, sample_strip

TRAINING_CUTS = ("rounded", "slanted")
UNSEEN_ATLAS_CUT = "sharp"
_BATCH = 512
_NOTHING = np.empty((0, 0), np.float32)
_RATE = 0.002
"""Highest learning rate."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a network is trained on: fresh strips in each round, so many epochs over them."""

    network: Network
    wear: Wear
    is_varied: bool
    cuts: int
    strips: int
    rounds: int
    epochs: int


RECIPES = {
    "perceptron": Recipe(PERCEPTRON, USUAL, False, 400, 14000, 3, 8),
    "convolutions": Recipe(CONVOLUTIONS, BAD, True, 300, 8000, 10, 2),
    "second": Recipe(SECOND, BAD, True, 300, 8000, 10, 2),
}


def training_glyphs(rng: np.random.Generator, is_varied: bool) -> NDArray[np.uint8]:
    """Masks of a random training cut, if varied bent a little."""
    if rng.random() < 0.6:
        masks = draw(random_cut(rng, is_varied))
    else:
        masks = load()[TRAINING_CUTS[0] if rng.random() < 0.9 else TRAINING_CUTS[1]]
    return distorted(masks, rng) if is_varied else masks


def generate(
    strips: int, cuts: list[NDArray[np.uint8]], wear: Wear, rng: np.random.Generator
) -> Windows:
    """Windows of this many strips, each in a random one of the cuts."""
    made = [sample_strip(cuts[int(rng.integers(len(cuts)))], wear, rng) for _ in range(strips)]
    pixels = np.concatenate([x.pixels for x in made])
    return Windows(pixels, np.concatenate([x.classes for x in made]))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of probabilities."""
    e = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(e / e.sum(1, keepdims=True), dtype=np.float32)


def gradients(network: Network, weights: Weights, batch: Windows) -> Weights:
    """Gradient of the mean cross-entropy."""
    into, layers = network.trace(weights, batch.pixels)
    delta = softmax(layers[-1])
    delta[np.arange(len(delta)), batch.classes] -= 1
    delta /= len(delta)
    out: Weights = []
    for k in range(len(network.sizes) - 1, -1, -1):
        delta = delta.reshape(len(into[k]), -1)
        own = cv2.gemm(into[k], delta, 1.0, _NOTHING, 0.0, flags=cv2.GEMM_1_T)
        out = [np.asarray(own, dtype=np.float32), delta.sum(0), *out]
        if k:
            delta = product(delta, np.ascontiguousarray(weights[2 * k].T))
            if k < len(network.convolutions):
                delta = network.convolutions[k].gathered(delta)
            delta = delta.reshape(layers[k - 1].shape) * (layers[k - 1] > 0)
    return out


class Trainer:
    """One network under Adam; the rate falls along half a cosine over all steps."""

    def __init__(self, network: Network, rate: float, rng: np.random.Generator) -> None:
        self.network = network
        self.weights: Weights = []
        for a, b in network.sizes:
            first = rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32)
            self.weights += [first, np.zeros(b, np.float32)]
        self._first = [np.zeros_like(x) for x in self.weights]
        self._second = [np.zeros_like(x) for x in self.weights]
        self._top_rate, self._step = rate, 0

    def learn(self, batch: Windows, share_done: float) -> None:
        """One step; `share_done` (0..1) of the training lies behind."""
        self._step += 1
        warm = min(1.0, self._step / 500)
        rate = self._top_rate * warm * 0.5 * (1 + np.cos(np.pi * share_done)) + 1e-6
        moments = zip(
            self.weights,
            gradients(self.network, self.weights, batch),
            self._first,
            self._second,
            strict=True,
        )
        for w, gradient, m, v in moments:
            m += 0.1 * (gradient - m)
            v += 0.001 * (gradient**2 - v)
            unbiased = (m / (1 - 0.9**self._step), v / (1 - 0.999**self._step))
            w -= (rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)).astype(np.float32)
            if w.ndim == 2:
                w *= 1 - rate * 0.01


def fit_temperature(trainer: Trainer, data: Windows) -> float:
    """The temperature that minimises the cross-entropy on data not trained on."""
    logits = _logits(trainer, data)
    rows = np.arange(len(logits))

    def loss(t: float) -> float:
        return float(-np.log(softmax(logits / t)[rows, data.classes] + 1e-12).mean())

    return float(min(np.linspace(0.6, 2.5, 39), key=loss))


def accuracy(trainer: Trainer, data: Windows) -> float:
    """Share of windows classified right."""
    return float((_logits(trainer, data).argmax(1) == data.classes).mean())


def _logits(trainer: Trainer, data: Windows) -> NDArray[np.float32]:
    pieces = np.array_split(data.pixels, len(data.pixels) // 2000 + 1)
    return np.concatenate([trainer.network.trace(trainer.weights, x)[1][-1] for x in pieces])


def train(recipe: Recipe, rng: np.random.Generator) -> Trainer:
    """The network after all rounds, with fresh cuts and strips in each."""
    trainer = Trainer(recipe.network, _RATE, rng)
    total = recipe.rounds * recipe.epochs
    for number in range(recipe.rounds):
        data = generate(recipe.strips, fresh_cuts(recipe, rng), recipe.wear, rng)
        for epoch in range(recipe.epochs):
            order = rng.permutation(len(data.classes))
            for k in range(0, len(order) - _BATCH + 1, _BATCH):
                chosen = order[k : k + _BATCH]
                batch = Windows(data.pixels[chosen], data.classes[chosen])
                done = (number * recipe.epochs + epoch + k / len(order)) / total
                trainer.learn(batch, done)
        share = accuracy(trainer, data)
        print(f"round {number + 1} of {recipe.rounds}: {share:.4f}", flush=True)
    return trainer


def fresh_cuts(recipe: Recipe, rng: np.random.Generator) -> list[NDArray[np.uint8]]:
    """Masks of as many training cuts as a round uses."""
    return [training_glyphs(rng, recipe.is_varied) for _ in range(recipe.cuts)]


def save(path: Path, trainer: Trainer, temperature: float) -> None:
    """Put the network's weights, at half precision, beside those of the other one."""
    archive: dict[str, Any] = {}
    if path.exists():
        with np.load(path) as stored:
            archive = {name: stored[name] for name in stored.files}
    name = trainer.network.name
    for k, x in enumerate(trainer.weights):
        archive[f"{name}{k}"] = x.astype(np.float16)
    archive[f"{name}_temperature"] = np.float32(temperature)
    np.savez_compressed(path, **archive)


def main() -> None:
    """Generate, train, calibrate, write the weights, print the held-out accuracies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=sorted(RECIPES))
    parser.add_argument("--rounds", type=int, help="other than in the recipe, for a trial")
    parser.add_argument("--strips", type=int, help="the same")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=Path, default=WEIGHTS_PATH)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    recipe = RECIPES[options.network]
    recipe = replace(
        recipe, rounds=options.rounds or recipe.rounds, strips=options.strips or recipe.strips
    )
    trainer = train(recipe, rng)
    held_out = generate(max(200, recipe.strips // 4), fresh_cuts(recipe, rng), recipe.wear, rng)
    temperature = fit_temperature(trainer, held_out)
    save(options.out, trainer, temperature)
    print(f"temperature {temperature:.2f}")
    print(f"fresh training cuts: {accuracy(trainer, held_out):.4f}")
    unseen = {name: draw(cut) for name, cut in UNSEEN_CUTS.items()}
    for name, masks in {UNSEEN_ATLAS_CUT: load()[UNSEEN_ATLAS_CUT], **unseen}.items():
        data = generate(max(50, recipe.strips // 20), [masks], recipe.wear, rng)
        print(f"unseen cut {name}: {accuracy(trainer, data):.4f}", flush=True)


if __name__ == "__main__":
    main()
