"""JSON mappings to record values and back: strict, and silent about what the values were.

Errors name the record, the field and what is wrong, never the payload's value: it may be a
name or a document number, and exception texts end in logs.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from gate.vocabulary.records_base import AT_LEAST, JSON_KEY, BirthDate

Decoder = Callable[[Any, str], Any]

CEILING = 10**12
"""No amount, length or count of a record is larger."""
YEARS_OF_INSTANTS = range(1900, 9900)
"""Hours and days added to an instant stay in the calendar."""
_TEXTS_REMEMBERED = 65_536
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BIRTH_DATE = re.compile(r"(\d{4})-(\d\d|<<|XX)-(\d\d|<<|XX)")
_IDENTIFIER = re.compile(r"[\w.:()-]{1,40}")
_NO_SUCH_DAY = "no such day in the calendar"

ID_KEYS = ("record_id", "ban_id", "request_id", "id", "order_id", "person_id")
"""Keys whose value may stand in an error text: identifiers that the store itself gives."""


def decode(cls: type, value: Any, where: str) -> Any:
    """Return the `cls` that a JSON mapping states; `where` names it in errors.

    Raises `ValueError`: unknown or missing key, wrong type, naive timestamp, impossible date,
    unknown enumeration, number below its floor, or what `check_consistency` finds.
    """
    arguments, where = _arguments(cls, value, where)
    return _consistent(cls(**arguments), where)


def check(cls: type, value: Any, where: str) -> None:
    """Raise what `decode` would; the record itself is made only where it checks itself."""
    arguments, where = _arguments(cls, value, where)
    if hasattr(cls, "check_consistency"):
        _consistent(cls(**arguments), where)


def _arguments(cls: type, value: Any, where: str) -> tuple[dict[str, Any], str]:
    """What `cls` is to be called with, and what the record is called in errors."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: must be an object")
    where = _named(where, value)
    plan = _plan(cls)
    for key in value:
        if key not in plan:
            raise ValueError(f"{where}: unknown field {_safe(key)}")
    arguments = {
        step.attribute: step.decoder(value[key], f"{where}, field {key}")
        for key, step in plan.items()
        if key in value
    }
    for key, step in plan.items():
        if step.required and step.attribute not in arguments:
            raise ValueError(f"{where}: field {key} is missing")
    return arguments, where


def encode(value: Any) -> Any:
    """Return the JSON form of a record; empty fields are left out, so it is canonical."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, BirthDate)):
        return {
            key: encode(getattr(value, step.attribute))
            for key, step in _plan(type(value)).items()
            if step.required or not _empty(getattr(value, step.attribute))
        }
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, BirthDate) else value


@dataclasses.dataclass(frozen=True, slots=True)
class _Step:
    attribute: str
    decoder: Decoder
    required: bool


@cache
def _plan(cls: type) -> dict[str, _Step]:
    hints = typing.get_type_hints(cls)
    steps = {}
    for item in dataclasses.fields(cls):
        floor = item.metadata.get(AT_LEAST, 0)
        decoder = _decoder(hints[item.name], floor)
        required = (
            item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        )
        key = item.metadata.get(JSON_KEY, item.name)
        steps[key] = _Step(item.name, decoder, required)
    return steps


def _decoder(hint: Any, floor: int) -> Decoder:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return _optional(hint, floor)
    if typing.get_origin(hint) is tuple:
        return _items(_decoder(typing.get_args(hint)[0], floor))
    if hint is int:
        return lambda value, where: _integer(value, where, floor)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if issubclass(hint, Enum):
        return lambda value, where: _member(hint, value, where)
    if hasattr(hint, "from_json"):
        return typing.cast(Decoder, hint.from_json)
    return lambda value, where: decode(hint, value, where)


def _optional(hint: Any, floor: int) -> Decoder:
    (inner,) = (part for part in typing.get_args(hint) if part is not type(None))
    decoder = _decoder(inner, floor)
    return lambda value, where: None if value is None else decoder(value, where)


def _items(decoder: Decoder) -> Decoder:
    def items(value: Any, where: str) -> tuple[Any, ...]:
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{where}: must be a list")
        return tuple(decoder(item, f"{where}[{n}]") for n, item in enumerate(value))

    return items


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: must be text")
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{where}: must be true or false")
    return value


def _integer(value: Any, where: str, floor: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{where}: must be a whole number")
    if value < floor:
        raise ValueError(f"{where}: must be {floor} or more")
    if value > CEILING:
        raise ValueError(f"{where}: must be {CEILING} or less")
    return value


def _from_text(parse: Callable[[str], Any]) -> Decoder:
    """A decoder of a text that comes again and again: what it meant is remembered."""
    remembered = lru_cache(maxsize=_TEXTS_REMEMBERED)(parse)

    def decoder(value: Any, where: str) -> Any:
        try:
            return remembered(_text(value, where))
        except _Wrong as wrong:
            raise ValueError(f"{where}: {wrong}") from None

    return decoder


class _Wrong(Exception):
    """What is wrong with a text; whoever knows where it stood adds that."""


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise _Wrong("must be a date YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong(_NO_SUCH_DAY) from None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong("must be a timestamp such as 2025-06-02T09:00:00+09:00") from None
    if instant.tzinfo is None:
        raise _Wrong("a timestamp needs its offset (for Seoul +09:00)")
    if instant.year not in YEARS_OF_INSTANTS:
        raise _Wrong(
            f"must lie in the years {YEARS_OF_INSTANTS[0]} to {YEARS_OF_INSTANTS[-1]}; "
            "leave the field out for an instant that is not known"
        )
    return instant


def _birth_date(text: str) -> BirthDate:
    match = _BIRTH_DATE.fullmatch(text)
    if match is None:
        raise _Wrong("must be a date YYYY-MM-DD, << for an unknown day or month")
    month, day = (int(part) if part.isdigit() else None for part in match.groups()[1:])
    if month is None and day is not None:
        raise _Wrong("a known day needs its month")
    birth = BirthDate(int(match[1]), month, day)
    try:
        birth.earliest, birth.latest  # noqa: B018 - both raise where the calendar has no such day
    except ValueError:
        raise _Wrong(_NO_SUCH_DAY) from None
    return birth


def _member(kind: type[Enum], value: Any, where: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(str(member.value) for member in kind)
        raise ValueError(f"{where}: must be one of {words}") from None


_PLAIN: dict[Any, Decoder] = {
    str: _text,
    bool: _flag,
    date: _from_text(_day),
    datetime: _from_text(_instant),
    BirthDate: _from_text(_birth_date),
}


def _named(where: str, value: Mapping[str, Any]) -> str:
    for key in ID_KEYS:
        if isinstance(value.get(key), str):
            return f"{where} ({_safe(value[key])})"
    return where


def _safe(text: Any) -> str:
    return str(text)[:40] if _IDENTIFIER.fullmatch(str(text)) else "(not printable)"


def _consistent(record: Any, where: str) -> Any:
    check = getattr(record, "check_consistency", None)
    if check is not None:
        try:
            check()
        except ValueError as error:
            raise ValueError(f"{where}, field {error}") from None
    return record


def _empty(value: Any) -> bool:
    return value is None or value is False or value == ()
