"""A configuration as the text of a gate.toml, every key with its help and its bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from enum import Enum
from typing import Any

from gate.config import OTHER_TIMING_BOUNDS_S, TIMING_BOUNDS_S, Config
from gate.config_reading import limits_of


def as_toml(config: Config) -> str:
    """Return a gate.toml that reads back as `config`."""
    return "\n".join(_table(config, "")) + "\n"


def _table(section: Any, path: str) -> Iterator[str]:
    if path:
        yield f"\n[{path}]"
    for item in fields(section):
        value = getattr(section, item.name)
        if not is_dataclass(value):
            yield f"{item.name} = {_value(value)}{_comment(item, path, value)}"
    for item in fields(section):
        value = getattr(section, item.name)
        if is_dataclass(value):
            yield from _table(value, f"{path}.{item.name}".lstrip("."))


def _value(value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # its escapes are TOML's, too
    return repr(value)


def _comment(item: Field[Any], path: str, value: Any) -> str:
    limits = limits_of(item)
    low, high = limits.low, limits.high
    if path == "timings":
        low, high = TIMING_BOUNDS_S.get(item.name, OTHER_TIMING_BOUNDS_S)
    parts = [limits.help]
    if isinstance(value, Enum):
        parts.append(" | ".join(str(member.value) for member in type(value)))
    if not math.isinf(low):
        parts.append(f"{low:g} to {high:g}")
    said = " ".join(part for part in parts if part)
    return f"  # {said}" if said else ""
