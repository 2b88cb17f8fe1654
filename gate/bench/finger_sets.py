"""Fingerprint sets on disk, the pairs of the FVC protocol, and the split of fingers by a hash."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

_NAME = re.compile(r"(?P<finger>.+)_(?P<impression>\d+)")
_SUFFIXES = {".png", ".bmp", ".tif", ".tiff", ".pgm", ".wsq"}


@dataclass(frozen=True, order=True)
class Impression:
    """One image: its set (folder), finger, impression number and file."""

    set_name: str
    finger: str
    number: int
    path: Path

    @property
    def identity(self) -> tuple[str, str]:
        """Fingers of equal name in different sets are different fingers."""
        return self.set_name, self.finger


@dataclass(frozen=True)
class Pair:
    """Two impressions by index; `standard` says whether the FVC protocol counts the pair."""

    first: int
    second: int
    genuine: bool
    standard: bool


def find_impressions(folder: Path) -> list[Impression]:
    """All `finger_impression` images of a set, or of the sets in a folder. Raises ValueError if there are none."""
    folders = (
        [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
        if folder.is_dir()
        else []
    )
    found = [found for place in folders for found in _images(place)]
    if not found:
        raise ValueError(
            f"{folder}: no images named finger_impression.png (or bmp, tif, pgm, wsq) in it or below"
        )
    return sorted(found)


def _images(folder: Path) -> Iterable[Impression]:
    for path in folder.iterdir():
        name = _NAME.fullmatch(path.stem)
        if path.suffix.lower() in _SUFFIXES and name:
            yield Impression(folder.name, name["finger"], int(name["impression"]), path)


def all_pairs(impressions: list[Impression]) -> list[Pair]:
    """Every pair within a set; standard are all genuine pairs, and impostor pairs of the first impressions."""
    lowest: dict[tuple[str, str], int] = {}
    for found in impressions:
        lowest[found.identity] = min(found.number, lowest.get(found.identity, found.number))
    pairs = []
    for (i, a), (j, b) in combinations(enumerate(impressions), 2):
        if a.set_name != b.set_name:
            continue
        genuine = a.finger == b.finger
        first = a.number == lowest[a.identity] and b.number == lowest[b.identity]
        pairs.append(Pair(i, j, genuine, genuine or first))
    return pairs


def by_content(impressions: list[Impression]) -> list[tuple[str, str]]:
    """The fingers in an order that depends on their images alone, so that renamed files give equal intervals."""
    digests: dict[tuple[str, str], list[bytes]] = {}
    for found in impressions:
        digests.setdefault(found.identity, []).append(
            hashlib.sha256(found.path.read_bytes()).digest()
        )
    return sorted(digests, key=lambda identity: sorted(digests[identity]))


def in_first_half(identity: tuple[str, str]) -> bool:
    """The split of fingers: the lowest bit of SHA-256 of "set/finger" decides, before any figure is known."""
    return hashlib.sha256("/".join(identity).encode()).digest()[-1] % 2 == 0
