"""The native values behind the quality scores, from the picture and its 68 landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.align import find_similarity, reduced_first
from models.face.cv import blur, grey, sample
from models.face.values import Face, Picture, Points

_SIDE = 128  # all but geometry is measured on the face scaled to this
_EYES_AT = np.array([[40.0, 46.0], [88.0, 46.0]], np.float32)
_BACKGROUND_ROWS = 120
_RIGHT, _LEFT = slice(36, 42), slice(42, 48)  # landmarks of the person's own right and left eye
_EYE_PATCH = 32, 25  # columns over the width of an eye, rows as fine
_BLACK = 4.0  # mean level
_YAW_PER_RATIO = 80.0  # degrees per nose offset in outer-eye widths, fitted on rendered heads
_PITCH_PER_RATIO = 85.0
_LEVEL_NOSE = 0.53  # nose tip below the eyes over the way to the mouth, of a level head


@dataclass(frozen=True, slots=True)
class Measured:
    """Native values: luminance 0 to 255, shares 0 to 1, lengths in pixels, angles in degrees."""

    luminance_mean: float
    over_exposure: float
    dynamic_range: float
    illumination_uniformity: float
    inter_eye_distance: float
    head_size: float
    margin: float
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    eyes_open: float
    mouth_closed: float
    occlusion: float
    background_uniformity: float


@dataclass(frozen=True, slots=True)
class Angles:
    """Turn of the head in degrees, estimated from the landmarks; signs as in `synthetic.Pose`."""

    yaw: float
    pitch: float
    roll: float


def measure_face(picture: Picture, face: Face) -> Measured:
    """Measure one face; the landmarks may lie outside of the picture."""
    chip = _upright(picture, face.points)
    light = grey(chip)
    skin = light[30:112, 24:104].astype(np.float32)
    angles = head_angles(face.points)
    eyes = _eye_centres(face.points)
    low, high = np.percentile(skin, [5, 95])
    return Measured(
        luminance_mean=float(skin.mean()),
        over_exposure=float((skin > 250).mean()),
        dynamic_range=float(high - low),
        illumination_uniformity=_unevenness(skin),
        inter_eye_distance=float(np.linalg.norm(eyes[1] - eyes[0])),
        head_size=1.35 * face.box.height / picture.shape[0],
        margin=_margin(picture, face.points),
        yaw=abs(angles.yaw),
        pitch=abs(angles.pitch),
        roll=abs(angles.roll),
        sharpness=_sharpness(light),
        eyes_open=eye_opening(face.points),
        mouth_closed=_mouth_opening(face.points),
        occlusion=_occlusion(chip),
        background_uniformity=_background(picture, face),
    )


def is_black(picture: Picture) -> bool:
    """Whether nothing at all can be seen: a covered lens, a lamp that failed, a dead camera."""
    return float(picture[::16, ::16].mean()) < _BLACK


def head_angles(points: Points) -> Angles:
    """Estimate the turn of the head from where the nose tip lies between eyes and mouth."""
    outer = points[45] - points[36]
    across = float(np.linalg.norm(outer)) or 1.0
    right = outer / across
    down = np.array([-right[1], right[0]])
    middle = (points[36] + points[45]) / 2
    nose, mouth = points[30] - middle, (points[48] + points[54]) / 2 - middle
    yaw = float(nose @ right) / across * _YAW_PER_RATIO
    drop = float(mouth @ down) or 1.0
    pitch = (float(nose @ down) / drop - _LEVEL_NOSE) * _PITCH_PER_RATIO
    return Angles(yaw, pitch, float(np.degrees(np.arctan2(right[1], right[0]))))


def eye_opening(points: Points) -> float:
    """Height over width of the lids' opening, mean of both eyes; about 0.3 open, 0.1 closed."""
    return float(np.mean([_opening(points[36:42]), _opening(points[42:48])]))


def eye_contrast(picture: Picture, points: Points) -> float:
    """How much white and iris stand out of the eyes, over their brightness; about 0.1 to 0.6.

    Levels differ between people, so it is compared only within a capture: closed lids halve it.
    """
    return float(np.mean([_white_and_iris(picture, points[each]) for each in (_RIGHT, _LEFT)]))


def _white_and_iris(picture: Picture, eye: Points) -> float:
    across = (eye[3] - eye[0]) / _EYE_PATCH[0]
    down = np.array([-across[1], across[0]])
    corner = (eye[0] + eye[3] - across * _EYE_PATCH[0] - down * _EYE_PATCH[1]) / 2
    to_picture = np.stack([across, down, corner], axis=1).astype(np.float64)
    patch = grey(sample(picture, to_picture, _EYE_PATCH[0]))[: _EYE_PATCH[1]].astype(np.float32)
    middle = patch[_EYE_PATCH[1] // 3 : -_EYE_PATCH[1] // 3].mean(axis=0)
    return float(middle.std() / (patch.mean() + 1.0))


def _opening(eye: Points) -> float:
    height = np.linalg.norm(eye[1] - eye[5]) + np.linalg.norm(eye[2] - eye[4])
    return float(height / (2 * np.linalg.norm(eye[0] - eye[3]) + 1e-6))


def _mouth_opening(points: Points) -> float:
    gap = np.linalg.norm(points[62] - points[66])
    return float(gap / (np.linalg.norm(points[60] - points[64]) + 1e-6))


def _eye_centres(points: Points) -> Points:
    return np.array([points[36:42].mean(axis=0), points[42:48].mean(axis=0)], np.float32)


def _upright(picture: Picture, points: Points) -> Picture:
    """The face with its eyes at fixed places of a small square."""
    to_picture = find_similarity(_EYES_AT, _eye_centres(points))
    return sample(*reduced_first(picture, to_picture, _SIDE), _SIDE, cv2.BORDER_REPLICATE)


def _unevenness(skin: NDArray[np.float32]) -> float:
    """Difference of the halves' brightness over the whole's, the larger of the two directions."""
    rows, columns = skin.shape[0] // 2, skin.shape[1] // 2
    whole = float(skin.mean()) + 1.0
    sides = abs(float(skin[:, :columns].mean() - skin[:, columns:].mean()))
    ends = abs(float(skin[:rows].mean() - skin[rows:].mean()))
    return max(sides, 0.7 * ends) / whole


def _sharpness(light: Picture) -> float:
    """Fine detail left over a blur, against coarse detail, in percent; noise is damped first."""
    calm = blur(light, 0.8)[24:120, 16:112]
    fine = calm - blur(calm, 1.6)
    coarse = calm - blur(calm, 12.0)
    return float(10.0 * fine.std() / (coarse.std() + 2.0))


def _margin(picture: Picture, points: Points) -> float:
    """Smallest distance of chin, jaw or forehead from the picture's edge, in face heights."""
    low, high = points.min(axis=0), points.max(axis=0)
    height = float(high[1] - low[1]) + 1e-6
    forehead = low[1] - 0.25 * height  # the landmarks end at the brows
    rows, columns = picture.shape[:2]
    return float(min(low[0], forehead, columns - 1 - high[0], rows - 1 - high[1]) / height)


def _occlusion(chip: Picture) -> float:
    """Colour distance (a, b of CIELAB) of the mouth's region from the cheeks beside the nose.

    A beard is as colourless as skin is coloured little; a mask or scarf of another hue is not.
    """
    lab = cv2.cvtColor(chip, cv2.COLOR_RGB2LAB).astype(np.float32)[..., 1:]
    cheeks = np.concatenate([lab[60:76, 32:46].reshape(-1, 2), lab[60:76, 82:96].reshape(-1, 2)])
    below = lab[88:116, 40:88].reshape(-1, 2)
    return float(np.linalg.norm(np.median(below, axis=0) - np.median(cheeks, axis=0)))


def _background(picture: Picture, face: Face) -> float:
    """Deviation of brightness beside and above the head."""
    head = face.box.grown(1.7)
    step = max(1, picture.shape[0] // _BACKGROUND_ROWS)
    small = grey(picture[::step, ::step]).astype(np.float32)
    rows = max(1, int(face.box.centre[1] / step))
    left, right = max(0, int(head.left / step)), max(0, int(head.right / step))
    beside = np.concatenate([small[:rows, :left].ravel(), small[:rows, right:].ravel()])
    return float(beside.std()) if beside.size > 64 else 0.0
