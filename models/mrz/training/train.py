"""Train the glyph classifier: `python -m models.mrz.training.train --strips 20000 --seed 1`.

Training cuts: two of the atlas (rounded, slanted) and random members of the drawn family. Held
out for the figures: the sharp cut of the atlas and UNSEEN_CUTS; the temperature is fitted on
training cuts with other seeds. Adam on cross-entropy, numpy only, one thread.
"""

import argparse
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import REJECT, WEIGHTS_PATH, WINDOW
from models.mrz.training.atlas import load
from models.mrz.training.outlines import UNSEEN_CUTS, draw, random_cut
from models.mrz.training.strips import Windows, sample_strip

Weights = list[NDArray[np.float32]]
HIDDEN = (256, 96)
TRAINING_CUTS = ("rounded", "slanted")
UNSEEN_ATLAS_CUT = "sharp"


def training_glyphs(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Masks of a random training cut."""
    if rng.random() < 0.6:
        return draw(random_cut(rng))
    name = TRAINING_CUTS[0] if rng.random() < 0.9 else TRAINING_CUTS[1]
    return load()[name]


def generate(strips: int, cuts: list[NDArray[np.uint8]], rng: np.random.Generator) -> Windows:
    """Windows of this many strips, each in a random one of the cuts."""
    made = [sample_strip(cuts[int(rng.integers(len(cuts)))], rng) for _ in range(strips)]
    pixels = np.concatenate([x.pixels for x in made])
    return Windows(pixels, np.concatenate([x.classes for x in made]))


def initial(rng: np.random.Generator) -> Weights:
    """He-initialised weights and zero biases, layer by layer."""
    sizes = (WINDOW[0] * WINDOW[1], *HIDDEN, REJECT + 1)
    out: Weights = []
    for a, b in pairwise(sizes):
        out += [rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32)]
    return out


def stored() -> Weights:
    """The weights that the package ships, to train on from."""
    with np.load(WEIGHTS_PATH) as archive:
        return [archive[f"{kind}{i}"].astype(np.float32) for i in range(3) for kind in "wb"]


def forward(weights: Weights, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Activations of each layer, the input first and the logits last."""
    out = [x]
    for i in range(0, 6, 2):
        z = out[-1] @ weights[i] + weights[i + 1]
        out.append(np.maximum(z, 0) if i < 4 else z)
    return out


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of probabilities."""
    e = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(e / e.sum(1, keepdims=True), dtype=np.float32)


def gradients(weights: Weights, batch: Windows) -> Weights:
    """Gradient of the mean cross-entropy."""
    layers = forward(weights, batch.pixels)
    delta = softmax(layers[-1])
    delta[np.arange(len(delta)), batch.classes] -= 1
    delta /= len(delta)
    out: Weights = []
    for i in (4, 2, 0):
        out = [layers[i // 2].T @ delta, delta.sum(0), *out]
        if i:
            delta = (delta @ weights[i].T) * (layers[i // 2] > 0)
    return out


def fit(
    weights: Weights, data: Windows, epochs: int, top_rate: float, rng: np.random.Generator
) -> None:
    """Adam with a rate that falls along half a cosine; changes the weights in place."""
    first = [np.zeros_like(x) for x in weights]
    second = [np.zeros_like(x) for x in weights]
    size, step = 512, 0
    steps = epochs * (len(data.classes) // size)
    for _ in range(epochs):
        order = rng.permutation(len(data.classes))
        for k in range(0, len(order) - size + 1, size):
            step += 1
            chosen = order[k : k + size]
            batch = Windows(data.pixels[chosen], data.classes[chosen])
            rate = top_rate * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-6
            _adam(weights, gradients(weights, batch), first, second, rate, step)


def _adam(w: Weights, g: Weights, m: Weights, v: Weights, rate: float, step: int) -> None:
    for i, gradient in enumerate(g):
        m[i] += 0.1 * (gradient - m[i])
        v[i] += 0.001 * (gradient**2 - v[i])
        unbiased = (m[i] / (1 - 0.9**step), v[i] / (1 - 0.999**step))
        w[i] -= (rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)).astype(np.float32)
        if w[i].ndim == 2:
            w[i] *= 1 - rate * 0.01


def fit_temperature(weights: Weights, data: Windows) -> float:
    """The temperature that minimises the cross-entropy on data not trained on."""
    logits = forward(weights, data.pixels)[-1]
    rows = np.arange(len(logits))

    def loss(t: float) -> float:
        return float(-np.log(softmax(logits / t)[rows, data.classes] + 1e-12).mean())

    return float(min(np.linspace(0.6, 2.5, 39), key=loss))


def accuracy(weights: Weights, data: Windows) -> float:
    """Share of windows classified right."""
    return float((forward(weights, data.pixels)[-1].argmax(1) == data.classes).mean())


def main() -> None:
    """Generate, train, calibrate, write the weights, print the held-out accuracies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--strips", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=1, help="fresh strips in each")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=0.002, help="highest learning rate")
    parser.add_argument("--resume", action="store_true", help="from the stored weights")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    cuts = [training_glyphs(rng) for _ in range(400)]
    weights = stored() if options.resume else initial(rng)
    for number in range(options.rounds):
        fit(weights, generate(options.strips, cuts, rng), options.epochs, options.rate, rng)
        print(f"round {number + 1} of {options.rounds}", flush=True)
    temperature = fit_temperature(weights, generate(1500, cuts, rng))
    names = [f"{kind}{i}" for i in range(3) for kind in "wb"]
    halves: dict[str, Any] = {
        name: x.astype(np.float16) for name, x in zip(names, weights, strict=True)
    }
    np.savez_compressed(WEIGHTS_PATH, **halves, temperature=np.float32(temperature))
    print(f"temperature {temperature:.2f}")
    unseen = {
        UNSEEN_ATLAS_CUT: load()[UNSEEN_ATLAS_CUT],
        **{k: draw(x) for k, x in UNSEEN_CUTS.items()},
    }
    print(f"training cuts, fresh strips: {accuracy(weights, generate(600, cuts, rng)):.4f}")
    for name, glyphs in unseen.items():
        print(f"unseen cut {name}: {accuracy(weights, generate(300, [glyphs], rng)):.4f}")


if __name__ == "__main__":
    main()
