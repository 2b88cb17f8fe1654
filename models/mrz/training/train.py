"""Train the two glyph networks: `python -m models.mrz.training.train --rounds 14 --seed 5`.

Training cuts: two of the atlas (rounded, slanted) and random members of the drawn family, all
distorted a little. Held out for the figures: the sharp cut of the atlas and UNSEEN_CUTS; the
temperatures are fitted on fresh training cuts. Adam on cross-entropy, numpy only, one thread.
"""

import argparse
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import WEIGHTS_PATH
from models.mrz.network import CHARACTERS, PRESENCE, Network, Weights, product
from models.mrz.training.atlas import load
from models.mrz.training.outlines import UNSEEN_CUTS, distorted, draw, random_cut
from models.mrz.training.strips import Windows, sample_strip

TRAINING_CUTS = ("rounded", "slanted")
UNSEEN_ATLAS_CUT = "sharp"
_BATCH = 512
_CUTS_A_ROUND = 120


def training_glyphs(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Masks of a random training cut."""
    if rng.random() < 0.6:
        return distorted(draw(random_cut(rng)), rng)
    name = TRAINING_CUTS[0] if rng.random() < 0.9 else TRAINING_CUTS[1]
    return distorted(load()[name], rng)


def generate(strips: int, cuts: list[NDArray[np.uint8]], rng: np.random.Generator) -> Windows:
    """Windows of this many strips, each in a random one of the cuts."""
    made = [sample_strip(cuts[int(rng.integers(len(cuts)))], rng) for _ in range(strips)]
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
        own = cv2.gemm(into[k], delta, 1.0, None, 0.0, flags=cv2.GEMM_1_T)
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


def fit_temperature(network: Network, weights: Weights, data: Windows) -> float:
    """The temperature that minimises the cross-entropy on data not trained on."""
    logits = _logits(network, weights, data)
    rows = np.arange(len(logits))

    def loss(t: float) -> float:
        return float(-np.log(softmax(logits / t)[rows, data.classes] + 1e-12).mean())

    return float(min(np.linspace(0.6, 2.5, 39), key=loss))


def accuracy(network: Network, weights: Weights, data: Windows) -> float:
    """Share of windows classified right."""
    return float((_logits(network, weights, data).argmax(1) == data.classes).mean())


def _logits(network: Network, weights: Weights, data: Windows) -> NDArray[np.float32]:
    pieces = np.array_split(data.pixels, len(data.pixels) // 2000 + 1)
    return np.concatenate([network.logits(weights, x) for x in pieces])


def train(
    options: argparse.Namespace, rng: np.random.Generator
) -> tuple[list[Trainer], list[NDArray[np.uint8]]]:
    """Both networks on the same batches; fresh cuts and strips in each round."""
    trainers = [Trainer(x, options.rate, rng) for x in (PRESENCE, CHARACTERS)]
    total = options.rounds * options.epochs
    for number in range(options.rounds):
        cuts = [training_glyphs(rng) for _ in range(_CUTS_A_ROUND)]
        data = generate(options.strips, cuts, rng)
        for epoch in range(options.epochs):
            order = rng.permutation(len(data.classes))
            for k in range(0, len(order) - _BATCH + 1, _BATCH):
                chosen = order[k : k + _BATCH]
                batch = Windows(data.pixels[chosen], data.classes[chosen])
                done = (number * options.epochs + epoch + k / len(order)) / total
                for trainer in trainers:
                    trainer.learn(batch, done)
        shown = [f"{x.network.name} {accuracy(x.network, x.weights, data):.4f}" for x in trainers]
        print(f"round {number + 1} of {options.rounds}: {', '.join(shown)}", flush=True)
        save(options.out, trainers, {})
    return trainers, [training_glyphs(rng) for _ in range(_CUTS_A_ROUND)]


def save(path: str, trainers: list[Trainer], temperatures: dict[str, float]) -> None:
    """Weights at half precision; a temperature that is not given is 1."""
    archive: dict[str, Any] = {}
    for trainer in trainers:
        name = trainer.network.name
        for k, x in enumerate(trainer.weights):
            archive[f"{name}{k}"] = x.astype(np.float16)
        archive[f"{name}_temperature"] = np.float32(temperatures.get(name, 1.0))
    np.savez_compressed(path, **archive)


def main() -> None:
    """Generate, train, calibrate, write the weights, print the held-out accuracies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--strips", type=int, default=6000, help="fresh strips in each round")
    parser.add_argument("--rounds", type=int, default=14)
    parser.add_argument("--epochs", type=int, default=4, help="over the strips of a round")
    parser.add_argument("--rate", type=float, default=0.002, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=str(WEIGHTS_PATH))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    trainers, fresh = train(options, rng)
    held_out = generate(1500, fresh, rng)
    temperatures = {
        x.network.name: fit_temperature(x.network, x.weights, held_out) for x in trainers
    }
    print(f"temperatures {temperatures}")
    save(options.out, trainers, temperatures)
    _show(trainers, "fresh training cuts", held_out)
    _show(trainers, UNSEEN_ATLAS_CUT, generate(300, [load()[UNSEEN_ATLAS_CUT]], rng))
    for name, cut in UNSEEN_CUTS.items():
        _show(trainers, name, generate(300, [draw(cut)], rng))


def _show(trainers: list[Trainer], name: str, data: Windows) -> None:
    shown = [f"{x.network.name} {accuracy(x.network, x.weights, data):.4f}" for x in trainers]
    print(f"{name}: {', '.join(shown)}", flush=True)


if __name__ == "__main__":
    main()
