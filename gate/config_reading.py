"""TOML tables into frozen dataclasses: every value typed and bounded, every refusal with its mend.

A section is a frozen dataclass. A field made with `key()` states what values it takes; nothing is
accepted that no field names. Knows no section and no device.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

S = TypeVar("S")


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds one line each: place, key, mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a key takes: `low..high` for numbers (and lengths of text), a pattern for text."""

    help: str
    low: float = -math.inf
    high: float = math.inf
    pattern: str = ""
    example: str = ""


def key(
    default: Any,
    help: str,  # noqa: A002 - the word that typer and argparse use
    low: float = -math.inf,
    high: float = math.inf,
    *,
    pattern: str = "",
    example: str = "",
) -> Any:
    """A field of a section with its default, its bounds (inclusive) and its one-line help."""
    limits = Limits(help, low, high, pattern, example)
    return field(default=default, metadata={"limits": limits})


@dataclass(frozen=True, slots=True)
class Source:
    """One file and one environment, able to say where a key stands."""

    name: str
    text: str
    tables: Mapping[str, Any]
    environment: Mapping[tuple[str, ...], str]

    def place(self, path: tuple[str, ...]) -> str:
        """`file:line` of a key, or of its table, or the variable that sets it."""
        if path in self.environment:
            return variable(path)
        line = _line_of(self.text, path)
        return f"{self.name}:{line}" if line else self.name


def read_source(path: Path | None, environment: Mapping[str, str]) -> Source:
    """Read a TOML file (None: no file) and the `EGATE_SECTION__KEY` variables.

    Raises ConfigError when the file is not there, not text or not TOML.
    """
    text, tables = "", {}
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
            tables = tomllib.loads(text)
        except OSError as error:
            what = error.strerror or "cannot be read"
            raise ConfigError(
                [f"{path}: {what}. Give the right path, or start from examples/gate.toml"]
            ) from None
        except UnicodeDecodeError:
            raise ConfigError([f"{path}: is not UTF-8 text. Save it as UTF-8"]) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([f"{path}: {_toml_problem(str(error))}"]) from None
    overrides = {
        tuple(name.removeprefix("EGATE_").lower().split("__")): value
        for name, value in environment.items()
        if name.startswith("EGATE_") and "__" in name
    }
    return Source(str(path or "(no file)"), text, tables, overrides)


def variable(path: tuple[str, ...]) -> str:
    """The environment variable that overrides a key."""
    return "EGATE_" + "__".join(path).upper()


def build(section: type[S], source: Source) -> S:
    """Build the root section from a source. Raises ConfigError with every problem found."""
    problems: list[str] = []
    tables = _with_overrides(source)
    built = _build(section, tables, (), source, problems)
    if problems:
        raise ConfigError(problems)
    return built


def limits_of(item: Field[Any]) -> Limits:
    """The limits of a field; one made without `key()` has none."""
    limits: Limits = item.metadata.get("limits", Limits(""))
    return limits


def _with_overrides(source: Source) -> dict[str, Any]:
    tables = _copied(source.tables)
    for path, text in source.environment.items():
        place = tables
        for name in path[:-1]:
            nested = place.setdefault(name, {})
            place = nested if isinstance(nested, dict) else {}
        place[path[-1]] = _FromEnvironment(text)
    return tables


class _FromEnvironment(str):
    """Text of a variable: may stand for a number or a truth value."""


def _copied(table: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _copied(v) if isinstance(v, Mapping) else v for k, v in table.items()}


def _build(
    section: type[S],
    table: Mapping[str, Any],
    path: tuple[str, ...],
    source: Source,
    problems: list[str],
) -> S:
    assert is_dataclass(section)
    types = get_type_hints(section)
    known = {item.name: item for item in fields(section) if item.init}
    for name in table:
        if name not in known:
            problems.append(_unknown(name, list(known), (*path, name), source))
    values: dict[str, Any] = {}
    for name, item in known.items():
        at, kind = (*path, name), types[name]
        if is_dataclass(kind) and isinstance(kind, type):
            inner = table.get(name, {})
            if isinstance(inner, Mapping):
                values[name] = _build(kind, inner, at, source, problems)
            else:
                problems.append(
                    f"{source.place(at)}: {_dotted(at)} is a table: write [{_dotted(at)}]"
                )
        elif name in table:
            try:
                values[name] = _value(table[name], kind, limits_of(item))
            except ValueError as error:
                problems.append(f"{source.place(at)}: {_dotted(at)} {error}")
        elif item.default is MISSING and item.default_factory is MISSING:
            problems.append(
                f"{source.place(path)}: {_dotted(at)} is missing. {limits_of(item).help}"
            )
    if problems:
        return None  # type: ignore[return-value]  # build() raises and nobody sees it
    return section(**values)


def _value(raw: Any, kind: Any, limits: Limits) -> Any:
    """Return `raw` as `kind` within its limits. Raises ValueError with the rest of a sentence."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(raw, kind)
    if kind is bool:
        return _truth(raw)
    if kind in (int, float):
        return _number(raw, kind, limits)
    return _text(raw, limits)


def _choice(raw: Any, kind: type[Enum]) -> Enum:
    choices = [str(member.value) for member in kind]
    if raw in choices:
        return kind(str(raw))
    listed = ", ".join(f'"{choice}"' for choice in choices)
    raise ValueError(f"is {_shown(raw)}, must be one of {listed}{_nearest(str(raw), choices)}")


def _truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, _FromEnvironment) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    raise ValueError(f"is {_shown(raw)}, must be true or false (no quotes)")


def _number(raw: Any, kind: type, limits: Limits) -> float:
    what = "a whole number" if kind is int else "a number"
    number = raw
    if isinstance(raw, _FromEnvironment):
        try:
            number = kind(raw)
        except ValueError:
            number = None
    accepted = (int,) if kind is int else (int, float)
    if isinstance(number, bool) or not isinstance(number, accepted):
        raise ValueError(f"is {_shown(raw)}, must be {what}{_range(limits)} (no quotes)")
    if not limits.low <= number <= limits.high:  # false for nan as well
        raise ValueError(f"is {_shown(raw)}, must be {what}{_range(limits)}")
    return int(number) if kind is int else float(number)


def _text(raw: Any, limits: Limits) -> str:
    if not isinstance(raw, str):
        raise ValueError(f'is {_shown(raw)}, must be text in quotes, as "{limits.example}"')
    if limits.pattern and not re.fullmatch(limits.pattern, raw):
        raise ValueError(f"is {_shown(raw)}, must look like {limits.example}. {limits.help}")
    return str(raw)


def _range(limits: Limits) -> str:
    if math.isinf(limits.low) and math.isinf(limits.high):
        return ""
    return f" from {limits.low:g} to {limits.high:g}"


def _shown(raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return f'"{raw}"'
    return "a table" if isinstance(raw, Mapping) else str(raw)


def _unknown(name: str, known: list[str], path: tuple[str, ...], source: Source) -> str:
    what = "table" if isinstance(source.tables.get(name), Mapping) and len(path) == 1 else "key"
    mend = _nearest(name, known) or f". There are {', '.join(known)}"
    return f"{source.place(path)}: {_dotted(path)} is no {what} of a gate{mend}"


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f'. Did you mean "{near[0]}"?' if near else ""


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(path)


def _toml_problem(message: str) -> str:
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
    if found is None:
        return f"is not TOML: {message}"
    what, line, column = found.groups()
    return f'line {line}, column {column}: is not TOML: {what}. Text needs quotes: key = "text"'


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Return the line of a key; of its table where the key cannot be found (dotted, inline)."""
    table: tuple[str, ...] = ()
    best: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        if header:
            table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if table == path:
                return number
            if path[: len(table)] == table:
                best = number
            continue
        entry = re.match(r"\s*([\w.\"' -]+?)\s*=", line)
        if entry:
            names = tuple(part.strip().strip("\"'") for part in entry[1].split("."))
            if (*table, *names) == path:
                return number
            if path[: len(table) + len(names)] == (*table, *names):
                best = number
    return best


def home_expanded(path: str) -> Path:
    """A path of the configuration with `~` expanded."""
    return Path(os.path.expanduser(path))
