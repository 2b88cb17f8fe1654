"""The import rules as functions: a module in, sentences about what it must not import out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from tests.architecture.rooms import (
    DEVICES,
    ENGINES,
    ROOMS,
    WHO_MAY_IMPORT_ADAPTERS,
    WHO_MAY_IMPORT_COMPOSE,
    inside,
    room_of,
)
from tests.architecture.source import PACKAGES, Import, Module, imports


def violations(module: Module) -> list[str]:
    """Every import of a module that a rule forbids, as `file:line: sentence`."""
    return [
        f"{module.path}:{found.line}: {sentence}"
        for found in imports(module)
        for sentence in _about(module, found)
    ]


def _about(module: Module, found: Import) -> Iterator[str]:
    if found.top in PACKAGES:
        yield from _about_rooms(module, found)
        yield from _about_devices(module, found)
        yield from _about_composition(module, found)
    elif found.top in sys.stdlib_module_names:
        stdlib = ROOMS[room_of(module.name)].stdlib
        if stdlib is not None and found.top not in stdlib:
            yield f"{room_of(module.name)} is pure and must not import {found.target}"
    else:
        yield from _about_third_parties(module, found)


def _about_rooms(module: Module, found: Import) -> Iterator[str]:
    name = room_of(module.name)
    room = ROOMS[name]
    if _in_any(found.target, room.never):
        yield f"{name} must never import {found.target}"
        return
    allowed = room.rooms is None or _in_any(found.target, (name, *room.rooms))
    if not allowed:
        yield f"{name} must not import {found.target}"


def _about_composition(module: Module, found: Import) -> Iterator[str]:
    for target, allowed in (
        ("gate.adapters", WHO_MAY_IMPORT_ADAPTERS),
        ("gate.compose", WHO_MAY_IMPORT_COMPOSE),
    ):
        if inside(found.target, target) and not _in_any(module.name, allowed):
            yield f"only {', '.join(allowed)} import {target}"


def _about_devices(module: Module, found: Import) -> Iterator[str]:
    device = _device_of(module.name)
    if device is None or found.top != "drivers":
        return
    other = _device_of(found.target)
    if other not in (None, device):
        yield f"the {device} must not import the {other}"
    file = module.name.rpartition(".")[2]
    if inside(found.target, "drivers.plant") and not file.startswith("emulat"):
        yield "only an emulator stands before the plant"


def _about_third_parties(module: Module, found: Import) -> Iterator[str]:
    if found.target.startswith("(relative)"):
        yield "imports are absolute"
        return
    room = ROOMS[room_of(module.name)]
    if found.top in ENGINES and inside(module.name, "models"):
        if ".engines." not in module.name:
            yield f"{found.top} is imported in models/*/engines only"
        elif not found.lazy:
            yield f"{found.top} is slow to import: inside the function that needs it"
        return
    if found.top in ("PIL", "wsq") and inside(module.name, "models"):
        return  # one file only: test_imports counts them
    if found.top == "osdp" and inside(module.name, "drivers.door_relay"):
        return
    if room.third_parties is not None and found.top not in room.third_parties:
        yield f"{room_of(module.name)} must not import {found.top}"


def _device_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "drivers" and len(parts) > 1 and parts[1] in DEVICES else None


def _in_any(name: str, prefixes: Iterable[str]) -> bool:
    return any(inside(name, prefix) for prefix in prefixes)


def reached(start: Module, among: dict[str, Module]) -> set[str]:
    """The names in `among` that importing `start` runs, directly or through others of `among`."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for found in imports(waiting.pop()):
            if found.target in among and found.target not in seen:
                seen.add(found.target)
                waiting.append(among[found.target])
    return seen - {start.name}
