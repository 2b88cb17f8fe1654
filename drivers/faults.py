"""What a real line does to frames, drawn from a seed or read from a script.

A fault is applied to one frame: the bytes of one write of the host, or of one reply of the
device. The result is a list of (silence before the byte, byte), so that the emulator and the
driver both see the gap that the fault made.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

PacedBytes = list[tuple[float, int]]
"""(silence before this byte in seconds, byte value 0..255), in line order."""


class Way(Enum):
    """Direction of a frame."""

    REQUEST = "request"
    REPLY = "reply"


class FaultKind(Enum):
    """What happens to a frame, or to the device; `amount` means what the comment says."""

    DROP_REQUEST = "drop_request"
    DROP_REPLY = "drop_reply"
    FLIP_BIT = "flip_bit"  # amount: which bit of the frame, modulo its length
    TRUNCATE = "truncate"  # amount: bytes cut off the end (at least one byte is left)
    SPLIT = "split"  # amount: silence between any two bytes, s
    DELAY = "delay"  # amount: silence before the frame, s
    DUPLICATE = "duplicate"  # amount: silence before the second copy, s
    STALE = "stale"  # the reply is held back and comes before the next one
    NOISE = "noise"  # amount: random bytes before the frame
    STUCK_BUSY = "stuck_busy"  # amount: the device is deaf for so long, s
    UNPLUG = "unplug"  # in mid-frame; amount: replugged after so long, s


REPLY_ONLY = frozenset({FaultKind.DROP_REPLY, FaultKind.STALE})
REQUEST_ONLY = frozenset({FaultKind.DROP_REQUEST, FaultKind.STUCK_BUSY})

DEFAULT_AMOUNT: Mapping[FaultKind, float] = {
    FaultKind.TRUNCATE: 1,
    FaultKind.SPLIT: 0.004,
    FaultKind.DELAY: 0.2,
    FaultKind.DUPLICATE: 0.01,
    FaultKind.NOISE: 5,
    FaultKind.STUCK_BUSY: 1.0,
    FaultKind.UNPLUG: 1.0,
}


@dataclass(frozen=True)
class Fault:
    """One fault with its amount; None takes the default of its kind."""

    kind: FaultKind
    amount: float | None = None

    @property
    def size(self) -> float:
        """The amount, or the default of the kind."""
        return DEFAULT_AMOUNT.get(self.kind, 0.0) if self.amount is None else self.amount


class Faults(Protocol):
    """Where a line asks, once for every frame, what befalls it."""

    def draw(self, way: Way, now_s: float) -> Fault | None:
        """The fault that hits the frame going `way` at `now_s`, or None."""
        ...


class NoFaults:
    """A line that works."""

    def draw(self, way: Way, now_s: float) -> Fault | None:
        """Never a fault."""
        return None


def _can_hit(kind: FaultKind, way: Way) -> bool:
    return kind not in (REQUEST_ONLY if way is Way.REPLY else REPLY_ONLY)


class SeededFaults:
    """Faults at random, the same for the same seed.

    `rates` gives for each kind the probability (0..1) that it hits a frame it can hit.
    """

    def __init__(self, rates: Mapping[FaultKind, float], seed: int) -> None:
        self._rates = sorted(rates.items(), key=lambda item: item[0].value)
        self._random = random.Random(seed)

    def draw(self, way: Way, now_s: float) -> Fault | None:
        """One draw for each kind that can hit this way; the first that hits is taken."""
        for kind, rate in self._rates:
            if _can_hit(kind, way) and self._random.random() < rate:
                amount = self._random.randrange(4096) if kind is FaultKind.FLIP_BIT else None
                return Fault(kind, amount)
        return None


@dataclass(frozen=True)
class Planned:
    """A line of a fault script: from `from_s` on, the next `count` frames going `way`
    (None: either way) are hit.
    """

    fault: Fault
    from_s: float = 0.0
    count: int = 1
    way: Way | None = None


@dataclass
class ScriptedFaults:
    """Faults in the order of a script; the first line that fits a frame hits it."""

    script: Sequence[Planned]
    _left: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.script = list(self.script)
        self._left = [planned.count for planned in self.script]

    def plan(self, planned: Planned) -> None:
        """Put one more line at the end of the script."""
        self.script = [*self.script, planned]
        self._left.append(planned.count)

    def withdraw(self, planned: Planned) -> None:
        """Take a line off the script again; one that is not on it is fine."""
        for index, line in enumerate(self.script):
            if line is planned:
                self.script = [*self.script[:index], *self.script[index + 1 :]]
                del self._left[index]
                return

    def draw(self, way: Way, now_s: float) -> Fault | None:
        """The first planned fault that is due, fits the way and is not used up."""
        for index, planned in enumerate(self.script):
            fits = planned.way in (None, way) and _can_hit(planned.fault.kind, way)
            if fits and self._left[index] > 0 and now_s >= planned.from_s:
                self._left[index] -= 1
                return planned.fault
        return None


def plain(data: bytes) -> PacedBytes:
    """The frame as it is: no silence before any byte."""
    return [(0.0, byte) for byte in data]


def distort(data: bytes, fault: Fault, noise: random.Random) -> PacedBytes:
    """The frame as the fault leaves it. STALE, STUCK_BUSY and UNPLUG are the line's business and
    leave the bytes alone here.
    """
    if not data:
        return []
    match fault.kind:
        case FaultKind.DROP_REQUEST | FaultKind.DROP_REPLY:
            return []
        case FaultKind.FLIP_BIT:
            byte, bit = divmod(int(fault.size) % (8 * len(data)), 8)
            return plain(data[:byte] + bytes([data[byte] ^ (1 << bit)]) + data[byte + 1 :])
        case FaultKind.TRUNCATE:
            return plain(data[: max(1, len(data) - max(1, int(fault.size)))])
        case FaultKind.SPLIT:
            return [(0.0 if i == 0 else fault.size, byte) for i, byte in enumerate(data)]
        case FaultKind.DELAY:
            return [(fault.size, data[0]), *plain(data[1:])]
        case FaultKind.DUPLICATE:
            return [*plain(data), (fault.size, data[0]), *plain(data[1:])]
        case FaultKind.NOISE:
            return plain(noise.randbytes(int(fault.size)) + data)
        case _:
            return plain(data)
