"""Binarisation and thinning to ridges one pixel wide (Guo and Hall 1989, parallel algorithm A1)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import kernel
from models.fingerprint.values import Mask, Plane

Bits = NDArray[np.uint8]

NEIGHBOURS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""Offsets (dy, dx) of the eight neighbours, clockwise from above: bit i of a neighbourhood code is neighbour i."""


def binarise(enhanced: Plane, mask: Mask) -> Bits:
    """1 on ridges inside `mask`, 0 elsewhere; the outermost pixel frame is always 0."""
    ridge = ((enhanced > 0) & mask).astype(np.uint8)
    ridge[[0, -1], :] = 0
    ridge[:, [0, -1]] = 0
    return ridge


def thin(ridge: Bits) -> Bits:
    """Skeleton of a binary image (uint8 0/1 with an empty frame); connectivity is kept."""
    skeleton = np.ascontiguousarray(ridge).copy()
    _thin(skeleton, deletable())
    return skeleton


@cache
def deletable() -> Bits:
    """For both sub-iterations and each of the 256 neighbourhoods: may the middle pixel go? uint8, (2, 256)."""
    table = np.zeros((2, 256), np.uint8)
    for code in range(256):
        n = [code >> i & 1 for i in range(8)]
        crossings = sum((not n[i]) and (n[i + 1] or n[(i + 2) % 8]) for i in (0, 2, 4, 6))
        first = sum(n[i - 1] or n[i] for i in (0, 2, 4, 6))
        second = sum(n[i] or n[i + 1] for i in (0, 2, 4, 6))
        if crossings != 1 or not 2 <= min(first, second) <= 3:
            continue
        table[0, code] = not ((n[0] or n[1] or not n[3]) and n[2])
        table[1, code] = not ((n[4] or n[5] or not n[7]) and n[6])
    return table


@kernel("void(uint8[:,::1], uint8[:,::1])")
def _thin(image: Bits, table: Bits) -> None:
    height, width = image.shape
    pending = np.empty((height * width, 2), np.int32)
    count = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if image[y, x] and not (
                image[y - 1, x] and image[y + 1, x] and image[y, x - 1] and image[y, x + 1]
            ):
                pending[count, 0], pending[count, 1] = y, x
                count += 1
    listed = image.copy()
    for index in range(count):
        listed[pending[index, 0], pending[index, 1]] = 2
    removed = np.empty((height * width, 2), np.int32)
    quiet = 0
    turn = 0
    while quiet < 2:
        gone = 0
        for index in range(count):
            y, x = pending[index, 0], pending[index, 1]
            code = (
                image[y - 1, x]
                | image[y - 1, x + 1] << 1
                | image[y, x + 1] << 2
                | image[y + 1, x + 1] << 3
                | image[y + 1, x] << 4
                | image[y + 1, x - 1] << 5
                | image[y, x - 1] << 6
                | image[y - 1, x - 1] << 7
            )
            if table[turn, code]:
                removed[gone, 0], removed[gone, 1] = y, x
                gone += 1
        for index in range(gone):
            image[removed[index, 0], removed[index, 1]] = 0
        kept = 0
        for index in range(count):
            y, x = pending[index, 0], pending[index, 1]
            if image[y, x]:
                pending[kept, 0], pending[kept, 1] = y, x
                kept += 1
        count = kept
        for index in range(gone):
            y, x = removed[index, 0], removed[index, 1]
            for dy, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
                if listed[y + dy, x + dx] == 1 and image[y + dy, x + dx]:
                    listed[y + dy, x + dx] = 2
                    pending[count, 0], pending[count, 1] = y + dy, x + dx
                    count += 1
        quiet = 0 if gone else quiet + 1
        turn = 1 - turn
