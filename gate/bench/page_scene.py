"""A tray with a passport on it, or none, before an emulated document camera."""

from __future__ import annotations

import itertools
import zlib
from dataclasses import replace
from enum import Enum
from pathlib import Path

import numpy as np

from drivers.face_camera.driver import PacedCamera
from drivers.face_camera.emulator import CameraEmulator, Pixels
from drivers.face_camera.shots import Camera
from models.mrz.layout import MrzFormat
from models.mrz.synthetic import PX_PER_MM, Specimen, atlas_cut, page
from models.mrz.values import Grey
from models.mrz.virtual_camera import SEVERITIES, View, photograph, random_view

FRAMES_PER_S = 8.0
SIZE = (540, 960)
PICTURES = 8
"""So many different pictures of one page follow each other again and again; each costs 30 ms."""
MOVING = 4
"""The first of them show a page that is still being laid down."""
_TRAY_SEED = 0x7A1
_BLANK = np.full((64, 64, 3), 128, np.uint8)


def page_camera(folder: Path) -> str:
    """The name of the shared frames of a demo's document camera, by the demo's folder."""
    return f"{folder.name}-page"


class Laying(Enum):
    """How somebody lays the page."""

    WELL = "well"
    UPSIDE_DOWN = "upside_down"
    IN_GLARE = "in_glare"
    """A lamp is reflected where the zone is."""
    FACE_DOWN = "face_down"
    """The camera sees the cover."""


class PageBeforeCamera:
    """What lies on the tray; `emulator` is the camera above it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._laid = 0
        self._number = itertools.count()
        self._lines: tuple[str, ...] | None = None
        self._laying = Laying.WELL
        self._pictures: list[Pixels] = []
        self._empty = [_colour(_tray(n)) for n in range(PICTURES)]
        self.emulator = CameraEmulator(self._scene, FRAMES_PER_S, seed=seed)
        self.interval_s = self.emulator.interval_s

    @property
    def document_present(self) -> bool:
        """Whether a document lies there."""
        return self._lines is not None

    def lay(self, lines: tuple[str, ...], laying: Laying | None = None) -> None:
        """A passport with this zone. Without `laying` every third one lies upside down."""
        self._laid += 1
        drawn = Laying.UPSIDE_DOWN if self._laid % 3 == 0 else Laying.WELL
        self._laying = laying or drawn
        self._pictures, self._number = [], itertools.count()
        self._lines = lines

    def withdraw(self) -> None:
        """And away again."""
        self._lines, self._pictures = None, []

    async def open(self) -> Camera:
        """The camera as a driver gives it. Raises LinkLost while it is unplugged."""
        self.frame(0.0)
        return PacedCamera(self, "the demo's document camera")

    def frame(self, now_s: float) -> Pixels | None:
        """See `FrameSource`. The pictures have noise of their own: no more is drawn on them."""
        return self.emulator.frame(now_s) if self.emulator.broken else self._scene(now_s)

    def _scene(self, now_s: float) -> Pixels:
        del now_s  # the next frame is the next picture, whatever the rate
        number = next(self._number)
        if self._lines is None:
            return self._empty[number % PICTURES]
        if len(self._pictures) < PICTURES:
            self._pictures.append(_colour(self._photographed(self._lines, len(self._pictures))))
            return self._pictures[-1]
        settled = PICTURES - MOVING
        return self._pictures[MOVING + number % settled]

    def _photographed(self, lines: tuple[str, ...], number: int) -> Grey:
        # By what is printed and the seed, so that the same passport looks the same every time.
        printed = zlib.crc32("".join(lines).encode("ascii"))
        rng = np.random.default_rng([self._seed, printed])
        paper = self._turned(page(Specimen(MrzFormat.TD3, lines), atlas_cut(), rng))
        view = random_view(SEVERITIES["easy"], rng)
        view = replace(view, glare=0.0, motion=12.0 if number < MOVING else 0.0)
        if self._laying is Laying.IN_GLARE:
            view = replace(view, exposure=1.1)  # what the lamp blows out stays blown out
        return photograph(paper, view, np.random.default_rng([printed, number]), SIZE)

    def _turned(self, paper: Pixels) -> Pixels:
        if self._laying is Laying.UPSIDE_DOWN:
            return np.ascontiguousarray(paper[::-1, ::-1])
        if self._laying is Laying.IN_GLARE:
            return _with_glare(paper)
        if self._laying is Laying.FACE_DOWN:
            return np.full_like(paper, (70, 30, 40))
        return paper


def _with_glare(paper: Pixels) -> Pixels:
    """A reflection over the middle of the zone."""
    rows, columns = paper.shape[:2]
    middle = rows - 11.7 * PX_PER_MM
    y = (np.arange(rows)[:, None] - middle) / (7.0 * PX_PER_MM)
    x = (np.arange(columns)[None] - 0.5 * columns) / (0.1 * columns)
    light = 400.0 * np.exp(-(x**2) - y**2)
    return np.asarray(np.clip(paper + light[..., None], 0, 255), dtype=np.uint8)


def _tray(number: int) -> Grey:
    """The same tray and lamp every time; only the noise differs."""
    still = View(0.0, (0.0, 0.0), 0.5, (5.0, 5.0), 0.5, 0.0, 1.5, 0.0, 1.0, 0.0, 95)
    return photograph(_BLANK, still, np.random.default_rng([_TRAY_SEED, number]), SIZE)


def _colour(grey: Grey) -> Pixels:
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
