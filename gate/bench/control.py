"""A bench in words: one command a line, one line back, over a Unix socket.

    BODY a WALK inside [1.2]     BODY a ADD|STOP|CARRY bag|DROP|REMOVE
    FIRE OPEN|CLOSED   ESTOP OPEN|CLOSED   MAINS ON|OFF   TAMPER OPEN|CLOSED
    WELD exit ON|OFF   JAM entry ON|OFF   SLOW entry 3   STICK exit_beam ON|OFF|MEND   BOUNCE ...
    UNPLUG reader [2.0]   REPLUG reader   FAULT doors drop_reply [amount] [request|reply]
    LAY line1|line2   (or reader:LAY ... where several devices know the word)   WITHDRAW
    STATE (JSON: what is physically so)   LOG (JSON: crossings and changes since the last LOG)
    DEVICES   HELP
The answer is OK, a line of JSON, or ERROR and what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from drivers.faults import Fault, FaultKind, Planned, Way
from drivers.plant import Bounce, DoorChange, PlantEvent
from gate.bench.emulated_devices import Device, EmulatedBench

LINE_BYTES_MAX = 4096


class Control:
    """Carries out control words on a bench."""

    def __init__(self, bench: EmulatedBench) -> None:
        self._bench = bench
        self._plant = bench.plant
        self._words: dict[str, Callable[[list[str]], Any]] = {
            "BODY": self._body,
            "FIRE": lambda w: self._loop("fire", w),
            "ESTOP": lambda w: self._loop("estop", w),
            "MAINS": lambda w: self._plant.set_mains(_flag(w[0], "ON", "OFF"), self._now),
            "TAMPER": lambda w: self._plant.set_tamper(
                not _flag(w[0], "OPEN", "CLOSED"), self._now
            ),
            "WELD": lambda w: self._plant.weld(self._door(w), _flag(w[1], "ON", "OFF"), self._now),
            "JAM": lambda w: self._plant.jam(self._door(w), _flag(w[1], "ON", "OFF"), self._now),
            "SLOW": lambda w: self._plant.slow(self._door(w), float(w[1]), self._now),
            "STICK": self._stick,
            "BOUNCE": self._bounce,
            "UNPLUG": lambda w: self._device(w[0]).line.unplug(float(w[1]) if w[1:] else None),
            "REPLUG": lambda w: self._device(w[0]).line.replug(),
            "FAULT": self._fault,
            "STATE": lambda w: self._plant.truth().as_json(),
            "LOG": lambda w: [_event(event) for event in self._plant.drain_log()],
            "DEVICES": lambda w: {
                n: {"kind": d.settings.kind, "path": str(d.settings.path), "words": sorted(d.hands)}
                for n, d in bench.devices.items()
            },
            "HELP": lambda w: sorted(self._words),
        }

    def say(self, line: str) -> str:
        """Carry out one line; the answer without a line end. Never raises for a wrong line."""
        words = line.split()
        if not words:
            return "ERROR an empty line; HELP lists the words"
        self._bench.settle()
        try:
            answer = self._obey(words[0], words[1:])
        except IndexError:
            return f"ERROR {words[0]}: a word is missing"
        except (ValueError, KeyError) as error:
            return f"ERROR {words[0]}: {error}"
        finally:
            self._bench.settle()
        return "OK" if answer is None else json.dumps(answer)

    @property
    def _now(self) -> float:
        return self._bench.now_s

    def _obey(self, word: str, rest: list[str]) -> Any:
        name, _, own = word.rpartition(":")
        own = own.upper()
        if not name and own in self._words:
            return self._words[own](rest)
        able = [d for n, d in self._bench.devices.items() if own in d.hands and name in ("", n)]
        if len(able) != 1:
            names = ", ".join(d.settings.name for d in able) or "no device"
            raise ValueError(f"{names} can {own}; write NAME:{own}, or HELP for all words")
        able[0].hands[own](able[0].emulator, rest, self._now)
        return None

    def _body(self, words: list[str]) -> None:
        name, act, rest = words[0], words[1].upper(), words[2:]
        now = self._now
        if act == "WALK":
            if name not in self._plant.truth().bodies:
                self._plant.add_body(name, "outside", now)
            self._plant.walk(name, _place(rest[0]), now, float(rest[1]) if rest[1:] else None)
        elif act == "ADD":
            self._plant.add_body(name, _place(rest[0]) if rest else "outside", now)
        elif act == "CARRY":
            self._plant.carry(name, rest[0], now)
        elif act in ("STOP", "DROP", "REMOVE"):
            plain = {"STOP": self._plant.stop, "DROP": self._plant.drop}
            plain.get(act, self._plant.remove_body)(name, now)
        else:
            raise ValueError(f"no act {act}: ADD, WALK, STOP, CARRY, DROP, REMOVE")

    def _loop(self, loop: str, words: list[str]) -> None:
        self._plant.set_loop(loop, not _flag(words[0], "OPEN", "CLOSED"), self._now)

    def _stick(self, words: list[str]) -> None:
        mended = words[1].upper() == "MEND"
        value = None if mended else _flag(words[1], "ON", "OFF")
        self._plant.stick(words[0], value, self._now)

    def _bounce(self, words: list[str]) -> None:
        self._plant.bounce(words[0], Bounce() if _flag(words[1], "ON", "OFF") else None, self._now)

    def _fault(self, words: list[str]) -> None:
        device, kind = self._device(words[0]), FaultKind(words[1].lower())
        ways = [Way(w.lower()) for w in words[2:] if w.lower() in ("request", "reply")]
        amounts = [float(w) for w in words[2:] if w.lower() not in ("request", "reply")]
        fault = Fault(kind, amounts[0] if amounts else None)
        device.faults.plan(Planned(fault, self._now, way=ways[0] if ways else None))

    def _door(self, words: list[str]) -> str:
        if words[0] not in self._plant.door_names:
            raise ValueError(f"no door {words[0]!r}: {', '.join(self._plant.door_names)}")
        return words[0]

    def _device(self, name: str) -> Device:
        if name not in self._bench.devices:
            raise ValueError(f"no device {name!r}: {', '.join(self._bench.devices)}")
        return self._bench.devices[name]


async def serve(control: Control, path: Path) -> asyncio.Server:
    """Listen on a Unix socket that only this user may open. Raises OSError if another bench
    listens there.
    """
    await _refuse_second(path)
    make_way(path)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                answer = control.say(line.decode("utf-8", "replace"))
                writer.write(answer.encode() + b"\n")
                await writer.drain()
        writer.close()

    mask = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(talk, path, limit=LINE_BYTES_MAX)
    finally:
        os.umask(mask)


def make_way(path: Path) -> None:
    """Remove a socket that a bench left behind, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


async def _refuse_second(path: Path) -> None:
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_unix_connection(path)
        writer.close()
        raise ValueError(f"{path}: another bench listens here; give another control socket")


def _flag(word: str, yes: str, no: str) -> bool:
    if word.upper() not in (yes, no):
        raise ValueError(f"{word!r} is neither {yes} nor {no}")
    return word.upper() == yes


def _place(word: str) -> str | float:
    with contextlib.suppress(ValueError):
        return float(word)
    return word


def _event(event: PlantEvent) -> dict[str, Any]:
    kind = type(event).__name__
    if isinstance(event, DoorChange):
        return {"what": kind, **vars(event), "mode": event.mode.value}
    return {"what": kind, **vars(event)}
