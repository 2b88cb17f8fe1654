"""A fault plan: a TOML file of `[[fault]]` tables.

    [[fault]]
    device = "doors"        # a device of the bench; "gate" for leaves, sensors, loops and power
    kind = "drop_reply"     # see docs/devices/faults.md
    part = "exit"           # with "gate": a door or a sensor
    at_s = 12.5             # after the start; 0 without it
    for_s = 3.0             # mended after so long; without it `count` frames are hit, one by default
    count = 2
    amount = 0.2            # as the kind says
    way = "reply"           # only frames going this way

Every error names file, line, and what to write instead.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drivers.faults import Way
from gate.bench.fault_desk import FaultError, Planned
from gate.bench.fault_words import WIRE_WORDS, Breakage

KEYS = ("device", "kind", "part", "at_s", "for_s", "count", "amount", "way")
_LASTING = frozenset({"unplugged", "wrong_device"})


def read_fault_plan(file: Path) -> list[Planned]:
    """Read and check a plan. Raises FaultError."""
    try:
        text = file.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise FaultError(f"{file}: {error.strerror}; give the path of a fault plan") from None
    except UnicodeDecodeError:
        raise FaultError(f"{file}: is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise FaultError(f"{file}: is not TOML: {error}") from None
    for name in tables:
        if name != "fault":
            line = _line(text, 0, name)
            raise FaultError(f"{file}:{line}: unknown {name}; a plan has [[fault]] tables only")
    entries = tables.get("fault", [])
    if not isinstance(entries, list):
        raise FaultError(f"{file}:{_line(text, 0, 'fault')}: write [[fault]], not [fault]")
    return [_Entry(file, text, number, entry).planned() for number, entry in enumerate(entries)]


class _Entry:
    """One `[[fault]]` table, able to say on which line a key stands."""

    def __init__(self, file: Path, text: str, number: int, entry: Mapping[str, Any]) -> None:
        self._file = file
        self._text = text
        self._entry = entry
        headers = [i for i, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
        self._header = headers[number] if number < len(headers) else 1

    def planned(self) -> Planned:
        """The table's meaning."""
        if not isinstance(self._entry, dict):
            raise FaultError(f"{self._file}: a fault is a table; write [[fault]]")
        for key in self._entry:
            if key not in KEYS:
                near = difflib.get_close_matches(key, KEYS, 1)
                mend = f"did you mean {near[0]}?" if near else f"possible: {', '.join(KEYS)}"
                raise self._wrong(key, f"unknown {key}; {mend}")
        kind, for_s = self._text_of("kind", needed=True), self._number("for_s", 0.001)
        count = self._count()
        if count is None and for_s is None and kind in WIRE_WORDS and kind not in _LASTING:
            count = 1
        breakage = Breakage(
            self._text_of("device", needed=True),
            kind,
            self._text_of("part"),
            self._number("amount", 0.0),
            self._way(),
            count,
        )
        return Planned(breakage, self._number("at_s", 0.0) or 0.0, for_s, self._place("kind"))

    def _text_of(self, key: str, *, needed: bool = False) -> str:
        value = self._entry.get(key, "")
        if not isinstance(value, str) or (needed and not value):
            raise self._wrong(key, f"{key} is missing; it is a text in quotes")
        return value

    def _number(self, key: str, least: float) -> float | None:
        value = self._entry.get(key)
        if value is None:
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < least:
            raise self._wrong(key, f"{key} is {value!r}; it is a number from {least:g} on")
        return float(value)

    def _count(self) -> int | None:
        value = self._entry.get("count")
        if value is not None and (
            not isinstance(value, int) or isinstance(value, bool) or value < 1
        ):
            raise self._wrong("count", f"count is {value!r}; it is a whole number from 1 on")
        return value

    def _way(self) -> Way | None:
        value = self._entry.get("way")
        if value is None:
            return None
        if value not in [way.value for way in Way]:
            raise self._wrong("way", f'way is {value!r}; write "request" or "reply"')
        return Way(value)

    def _place(self, key: str) -> str:
        return f"{self._file}:{_line(self._text, self._header, key)}"

    def _wrong(self, key: str, what: str) -> FaultError:
        return FaultError(f"{self._place(key)}: {what}")


_HEADER = re.compile(r"\s*\[\[\s*fault\s*\]\]")


def _line(text: str, after: int, key: str) -> int:
    """The line on which a key stands behind line `after`, before the next table; else `after`."""
    pattern = re.compile(rf'\s*\[*\s*"?{re.escape(key)}"?\s*[=\].]')
    for number, line in enumerate(text.splitlines(), 1):
        if number > after and pattern.match(line):
            return number
        if after and number > after and line.lstrip().startswith("["):
            break
    return max(after, 1)
