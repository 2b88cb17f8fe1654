"""Degraded strips of MRZ text and the labelled windows that are cut from them.

A strip goes from masks through a camera (background, ink, blur, sampling at
the pitch of the sensor, noise, JPEG) back to the canonical 16 pixels a pitch of the reader, with
the errors that its geometry makes.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import REJECT, WINDOW, normalise_windows
from models.mrz.layout import ALPHABET, FILLER
from models.mrz.training.outlines import CELL

Image = NDArray[np.float32]
LENGTH, MARGIN = 24, 3
PITCH = 16
SCENE = (CELL[0] // 2, CELL[1] // 2)
"""Rows and columns of a character in the scene, which has half the masks' resolution."""
_TURNED = set("OHINSXZ08")
_MIRRORED = set("AHIMOTUVWXY08")
_ALIKE = ("HMNKWRX", "O0DQGC", "8B6SR3", "<KCEX")
_LOWER_CASE = "abdefghkmnqrtyaeg"


@dataclass(frozen=True, slots=True)
class Wear:
    """How bad the print and the camera may be; sigmas of blur and length of motion in pitches.

    Blur is a gamma variate (shape, scale) up to a most; so is noise, in grey levels (scale, most).
    `motion` is the share of moving strips, `slant` the sigma of the reader's shear, `shade` the
    least light at an end, `spot` the share of strips with a reflection that may take a part of a
    character.
    """

    blur: tuple[float, float, float]
    motion: float
    slant: float
    noise: tuple[float, float]
    shade: float
    spot: float


USUAL = Wear((1.4, 0.045, 0.17), 0.0, 0.05, (2.5, np.inf), 0.7, 0.0)
BAD = Wear((1.3, 0.06, 0.22), 0.35, 0.065, (3.6, 18.0), 0.5, 0.3)


@dataclass(frozen=True, slots=True)
class Windows:
    """Normalised windows (n, rows * columns) float32 and their classes (n,) int64."""

    pixels: NDArray[np.float32]
    classes: NDArray[np.int64]


def sample_strip(glyphs: NDArray[np.uint8], wear: Wear, rng: np.random.Generator) -> Windows:
    """One strip of 24 characters in this cut, and the windows cut from it."""
    text = _text(rng)
    ink = _ink(glyphs, text, rng)
    classes = np.array([ALPHABET.index(character) for character in text])
    turn = rng.random()
    if turn < 0.04:
        ink, classes = ink[::-1, ::-1], _unless(classes[::-1], _TURNED)
    elif turn < 0.08:
        ink, classes = ink[:, ::-1], _unless(classes[::-1], _MIRRORED)
    elif turn < 0.12:
        ink, classes = _lower_case(ink.shape, rng), np.full(LENGTH, REJECT)
    half = cv2.resize(np.ascontiguousarray(ink), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    seen = _photograph(np.asarray(half / 255, dtype=np.float32), wear, rng)
    return _cut_windows(seen, classes, rng)


def _unless(classes: NDArray[np.int64], same: set[str]) -> NDArray[np.int64]:
    """Characters that look alike after the turn are left out (-1), the others are none."""
    return np.array([-1 if ALPHABET[x] in same else REJECT for x in classes])


def _text(rng: np.random.Generator) -> str:
    """Uniform characters, those of one group that look alike, digits, or a name with fillers."""
    kind = rng.random()
    if kind < 0.15:
        return "".join(rng.choice(list(_ALIKE[int(rng.integers(len(_ALIKE)))]), LENGTH))
    if kind < 0.55:
        return "".join(rng.choice(list(ALPHABET), LENGTH))
    if kind < 0.75:
        return "".join(rng.choice(list(ALPHABET[:10] + "OIBSZDQGU" + FILLER), LENGTH))
    fillers = rng.random(LENGTH) < rng.uniform(0.1, 0.7)
    letters = rng.choice(list(ALPHABET[10:36]), LENGTH)
    return "".join(np.where(fillers, FILLER, letters))


def _ink(glyphs: NDArray[np.uint8], text: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Masks side by side with a blank margin, each a little displaced, the strokes re-weighted."""
    rows, columns = CELL
    glyphs = _widened(glyphs, float(rng.uniform(0.84, 1.1))) if rng.random() < 0.5 else glyphs
    ink = np.zeros((rows, (LENGTH + 2 * MARGIN) * columns), np.uint8)
    for i, character in enumerate(text):
        dx, dy = np.clip(np.round(rng.normal(0, 0.8, 2)), -3, 3).astype(int)
        at = (MARGIN + i) * columns + dx
        ink[:, at : at + columns] |= np.roll(glyphs[ALPHABET.index(character)], dy, 0)
    return _reweigh(ink, rng)


def _widened(glyphs: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Wider or narrower characters at the same pitch."""
    middle = CELL[1] / 2
    change = np.array([[factor, 0, middle * (1 - factor)], [0, 1, 0]])
    return np.stack([cv2.warpAffine(x, change, CELL[::-1]) for x in glyphs])


def _reweigh(ink: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Thinner or thicker strokes with softened corners, sometimes broken by missing dots."""
    if rng.random() < 0.3:
        return ink
    soft = cv2.GaussianBlur(ink, (0, 0), rng.uniform(1.5, 3.0))
    level = rng.uniform(60, 190)
    ink = np.where(soft > level, 255, 0).astype(np.uint8)
    if rng.random() < 0.15:
        speckle = rng.random((ink.shape[0] // 4, ink.shape[1] // 4)).astype(np.float32)
        speckles = cv2.resize(speckle, ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
        ink = np.where(speckles < rng.uniform(0.1, 0.3), 0, ink).astype(np.uint8)
    return ink


def _lower_case(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A line of small letters in another typeface: nothing that an MRZ holds."""
    ink = np.zeros(shape, np.uint8)
    text = "".join(rng.choice(list(_LOWER_CASE), 40))
    scale, pen = rng.uniform(1.2, 2.2), int(rng.integers(2, 7))
    cv2.putText(ink, text, (0, int(shape[0] * 0.7)), int(rng.integers(0, 4)), scale, 255, pen)
    return ink


def _photograph(ink: Image, wear: Wear, rng: np.random.Generator) -> Image:
    """The strip as the reader sees it after rectifying, float32 0..255, LENGTH + 2 * MARGIN cells."""
    pitch = 4.6 * 6 ** float(rng.random() ** 1.25)
    scene = _paper(ink, wear.shade, rng)
    if wear.spot and rng.random() < wear.spot:
        scene = _reflecting(scene, rng)
    scale = pitch / SCENE[1]
    shape, scale_of_blur, most = wear.blur
    blur = min(rng.gamma(shape, scale_of_blur), most) * SCENE[1]
    sensor = cv2.GaussianBlur(scene, (0, 0), float(np.hypot(blur, 0.35 / scale)))
    if wear.motion and rng.random() < wear.motion:
        sensor = _moved(
            np.asarray(sensor, dtype=np.float32), float(rng.uniform(0.08, 0.42)) * SCENE[1], rng
        )
    forward = _affine(scale, rng.normal(0, 0.15), rng.uniform(0.85, 1.18))
    size = (int(ink.shape[1] * scale) + 12, int(SCENE[0] * scale * 1.3) + 12)
    forward[:, 2] += 6 + rng.random(2)
    low = cv2.warpAffine(sensor, forward, size, borderMode=cv2.BORDER_REPLICATE)
    low = _sensor_noise(np.asarray(low, dtype=np.float32), wear.noise, rng)
    back = np.linalg.inv(np.vstack([forward, [0, 0, 1]]))
    return _canonical(low, back, wear.slant, rng)


def _moved(scene: Image, length: float, rng: np.random.Generator) -> Image:
    """Blurred by a movement of this many pixels in a random direction."""
    side = 2 * int(np.ceil(length / 2)) + 3
    angle = rng.uniform(0, np.pi)
    half = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = np.array([side // 2, side // 2])
    ends = [np.round((middle + sign * half) * 16).astype(int).tolist() for sign in (-1, 1)]
    kernel = np.zeros((side, side), np.float32)
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), dtype=np.float32)


def _affine(scale: float, degrees: float, stretch: float) -> NDArray[np.float64]:
    tilt = np.deg2rad(degrees)
    return np.array([[scale, -scale * tilt, 0.0], [scale * tilt, scale * stretch, 0.0]])


def _canonical(
    low: Image, back: NDArray[np.float64], slant: float, rng: np.random.Generator
) -> Image:
    """Sampled at 16 pixels a pitch, with the reader's errors of height, tilt, slant and place."""
    shrink = PITCH / SCENE[1]
    middle = SCENE[0] / 2
    error = np.array(
        [
            [1.0, rng.normal(0, slant), 0.0],
            [rng.normal(0, 0.0012), rng.uniform(0.88, 1.12), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    error[1, 2] = middle * (1 - error[1, 1]) + rng.normal(0, 1.3)
    error[0, 2] = -error[0, 1] * middle
    size = ((LENGTH + 2 * MARGIN) * PITCH, WINDOW[0])
    offset = np.array([[shrink, 0, 0], [0, shrink, WINDOW[0] / 2 - middle * shrink], [0, 0, 1]])
    seen = cv2.warpAffine(
        low,
        (offset @ error @ back)[:2],
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, dtype=np.float32)


def _paper(ink: Image, darkest: float, rng: np.random.Generator) -> Image:
    """Ink on a background of gradients, curved lines and stains, with shading and glare."""
    columns = ink.shape[1]
    paper = np.full(ink.shape, rng.uniform(110, 240), np.float32)
    if rng.random() < 0.7:
        paper += _texture(ink.shape, rng) * rng.uniform(0, 30)
    dark = paper * rng.uniform(0.05, 0.55)
    scene = paper + (dark - paper) * ink
    if rng.random() < 0.25:
        _scratch(scene, rng)
    if rng.random() < 0.25:
        x = np.arange(columns, dtype=np.float32)
        bump = np.exp(-(((x - rng.uniform(0, columns)) / rng.uniform(40, 250)) ** 2))
        scene = scene + bump[None] * rng.uniform(20, 160)
    shade = np.linspace(
        rng.uniform(darkest, 1.1), rng.uniform(darkest, 1.1), columns, dtype=np.float32
    )
    return np.clip(scene * shade[None], 0, 255).astype(np.float32)


def _reflecting(scene: Image, rng: np.random.Generator) -> Image:
    """A round reflection on or beside the line, its edge across characters as often as not."""
    rows, columns = scene.shape
    wide, high = rng.uniform(2, 12) * SCENE[1], rng.uniform(1, 7) * SCENE[1]
    x = (np.arange(columns, dtype=np.float32) - rng.uniform(0, columns)) / wide
    y = (np.arange(rows, dtype=np.float32) - rows / 2) / high - rng.normal(0, 1)
    spot = np.exp(-(y[:, None] ** 2) - x[None] ** 2)
    return np.asarray(np.clip(scene + spot * rng.uniform(60, 230), 0, 255), dtype=np.float32)


def _texture(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Waves and cloud, about -1..1."""
    rows, columns = shape
    x = np.arange(columns, dtype=np.float32)[None]
    y = np.arange(rows, dtype=np.float32)[:, None]
    out = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        length = rng.uniform(7, 80)
        angle = rng.uniform(0, np.pi)
        phase = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / length)
        wave = np.sin(phase + 2 * np.sin(x * (2 * np.pi / rng.uniform(100, 450))))
        out += np.where(wave > 0.6, -wave, 0) if rng.random() < 0.5 else wave * 0.6
    cloud = rng.normal(0, 1, (6, columns // 24 + 2)).astype(np.float32)
    return out + 0.5 * cv2.resize(cloud, (columns, rows), interpolation=cv2.INTER_CUBIC)


def _scratch(scene: Image, rng: np.random.Generator) -> None:
    """Lines of a stamp, a border or a fold through the text."""
    rows, columns = scene.shape
    for _ in range(int(rng.integers(1, 4))):
        a = (int(rng.integers(columns)), int(rng.integers(-10, rows + 10)))
        b = (int(a[0] + rng.normal(0, 250)), int(rng.integers(-10, rows + 10)))
        cv2.line(scene, a, b, float(rng.uniform(60, 255)), int(rng.integers(1, 4)), cv2.LINE_AA)


def _sensor_noise(low: Image, noise: tuple[float, float], rng: np.random.Generator) -> Image:
    """Noise, sharpening by the camera, JPEG."""
    noisy = low + rng.normal(0, min(rng.gamma(1.2, noise[0]), noise[1]), low.shape)
    if rng.random() < 0.3:
        soft = cv2.GaussianBlur(noisy, (0, 0), 1.0)
        noisy = noisy + (noisy - soft) * rng.uniform(0.3, 1.5)
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = int(rng.integers(25, 96))
        encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        pixels = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return pixels.astype(np.float32)


def _cut_windows(strip: Image, classes: NDArray[np.int64], rng: np.random.Generator) -> Windows:
    """Centred windows with their class; windows between two characters and on the margin: none."""
    centres = (MARGIN + np.arange(LENGTH) + 0.5) * PITCH
    jitter = np.clip(rng.normal(0, 0.9, LENGTH), -2, 2)
    between = centres[::2] + rng.choice([-1, 1], LENGTH // 2) * rng.uniform(5.5, 8, LENGTH // 2)
    blank = rng.uniform(10, (MARGIN - 0.6) * PITCH, 3)
    at = np.concatenate([centres + jitter, between, blank])
    labels = np.concatenate([classes, np.full(len(between) + len(blank), REJECT)])
    kept = labels >= 0
    return Windows(normalise_windows(strip, at[kept]), labels[kept])
