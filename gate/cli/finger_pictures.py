"""Pictures of the stages of extraction, and of two prints with their paired minutiae."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.fingerprint.extraction import Extraction
from models.fingerprint.values import Gray, Minutiae, Template

Picture = NDArray[np.uint8]
_ENDING, _FORK, _PAIRED, _ALONE = (40, 40, 220), (220, 90, 30), (60, 160, 30), (100, 100, 100)
_GAP_PX = 30


def stage_pictures(found: Extraction) -> dict[str, Picture]:
    """Every intermediate of one extraction by the name of its stage, as BGR or grey uint8."""
    return {
        "1_image": found.image,
        "2_segmentation": _shaded(found),
        "3_normalised": _scaled(-found.normalised, 2.5),
        "4_orientation": _orientation(found),
        "5_enhanced": _scaled(-found.enhanced, 3 * float(found.enhanced.std()) + 1e-6),
        "6_skeleton": ((1 - found.skeleton) * 255).astype(np.uint8),
        "7_minutiae": with_minutiae(found.image, found.template.minutiae),
        "8_reliability": _enlarged(found),
    }


def _shaded(found: Extraction) -> Picture:
    picture = cv2.cvtColor(found.image, cv2.COLOR_GRAY2BGR)
    picture[~found.mask] = picture[~found.mask] // 2
    return np.asarray(picture, np.uint8)


def _scaled(plane: NDArray[np.float32], top: float) -> Picture:
    return np.asarray(np.clip(127.5 + 127.5 * plane / top, 0, 255), np.uint8)


def _enlarged(found: Extraction) -> Picture:
    height, width = found.image.shape
    full = cv2.resize(found.reliability, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(255 * full, np.uint8)


def _orientation(found: Extraction) -> Picture:
    picture = np.asarray(cv2.cvtColor(found.image // 2 + 127, cv2.COLOR_GRAY2BGR), np.uint8)
    for row in range(2, found.orientation.angle.shape[0], 4):
        for column in range(2, found.orientation.angle.shape[1], 4):
            y, x = 4 * row + 2, 4 * column + 2
            if y < found.mask.shape[0] and x < found.mask.shape[1] and found.mask[y, x]:
                _stroke(picture, x, y, float(found.orientation.angle[row, column]))
    return picture


def _stroke(picture: Picture, x: float, y: float, angle: float) -> None:
    dx, dy = 6 * np.cos(angle), -6 * np.sin(angle)
    ends = (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))
    cv2.line(picture, *ends, _ENDING, 1, cv2.LINE_AA)


def with_minutiae(image: Gray, minutiae: Minutiae) -> Picture:
    """A print with its minutiae: endings red, forks blue, a tail along the direction."""
    picture = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    for i in range(len(minutiae)):
        _mark(picture, minutiae, i, 0, _ENDING if minutiae.kind[i] == 1 else _FORK)
    return picture


def _mark(
    picture: Picture, minutiae: Minutiae, i: int, shift: int, colour: tuple[int, int, int]
) -> None:
    x, y, angle = float(minutiae.x[i]) + shift, float(minutiae.y[i]), float(minutiae.angle[i])
    cv2.circle(picture, (round(x), round(y)), 4, colour, 1, cv2.LINE_AA)
    tail = round(x + 11 * np.cos(angle)), round(y - 11 * np.sin(angle))
    cv2.line(picture, (round(x), round(y)), tail, colour, 1, cv2.LINE_AA)


def paired_picture(
    templates: Sequence[Template], canvases: Sequence[Gray | None], paired: NDArray[np.int32]
) -> Picture:
    """Both prints side by side; paired minutiae are joined, the others grey. A record without an image is white."""
    sides = [
        canvas if canvas is not None else np.full((template.height, template.width), 255, np.uint8)
        for template, canvas in zip(templates, canvases, strict=True)
    ]
    height, shift = max(side.shape[0] for side in sides), sides[0].shape[1] + _GAP_PX
    picture = np.full((height, shift + sides[1].shape[1], 3), 255, np.uint8)
    for side, left in zip(sides, (0, shift), strict=True):
        picture[: side.shape[0], left : left + side.shape[1]] = (side[:, :, None] // 2) + 127
    for template, left, column in zip(templates, (0, shift), (0, 1), strict=True):
        joined = set(paired[:, column].tolist())
        for i in range(len(template.minutiae)):
            _mark(picture, template.minutiae, i, left, _PAIRED if i in joined else _ALONE)
    for i, j in paired:
        first, second = templates[0].minutiae, templates[1].minutiae
        start = round(float(first.x[i])), round(float(first.y[i]))
        cv2.line(
            picture,
            start,
            (round(float(second.x[j])) + shift, round(float(second.y[j]))),
            _PAIRED,
            1,
            cv2.LINE_AA,
        )
    return picture
