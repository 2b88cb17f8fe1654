"""What can break on an emulated bench, in the words that plans, pages and the fault matrix share.

A `Breakable` is one thing that can break: a device on its line, a camera, or the gate itself
(leaves, relays, sensors, loops). Breaking it hands back how to mend it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from drivers.faults import Fault, FaultKind, Planned, ScriptedFaults, Way
from drivers.line import Emulator, NullLine, PtyLine
from drivers.plant import Bounce, Plant

Mend = Callable[[], None]
EVERY_FRAME = 1 << 30
"""A count of frames that no fault lives to see."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """One thing wrong with one device. `part`: a door or a sensor, where `device` is the gate.

    `amount` as the word says; None takes its default. `count`: frames that are hit, None all.
    """

    device: str
    kind: str
    part: str = ""
    amount: float | None = None
    way: Way | None = None
    count: int | None = None

    def __str__(self) -> str:
        where = f"{self.device} {self.part}".strip()
        return f"{where}: {self.kind}"


class Words(Protocol):
    """`words`: what can be wrong with it -> help; `parts`: word -> the parts that have it."""

    @property
    def words(self) -> Mapping[str, str]:
        """See above."""
        ...

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """See above."""
        ...


class Breakable(Words, Protocol):
    """A thing of a bench that can be broken."""

    def break_(self, breakage: Breakage, now_s: float) -> Mend:
        """Make it so; the result undoes it. Raises ValueError."""
        ...


WIRE_WORDS: Mapping[str, str] = {
    "drop_request": "what the host sends is lost",
    "drop_reply": "what the device sends is lost",
    "flip_bit": "one bit of a frame is turned; amount: which",
    "truncate": "a frame ends early; amount: bytes cut off",
    "split": "the bytes of a frame come apart; amount: silence between them, s",
    "delay": "a frame comes late; amount: s",
    "duplicate": "a frame comes twice; amount: silence between, s",
    "stale": "a reply comes before the next one, not when it was asked for",
    "noise": "random bytes come before a frame; amount: how many",
    "stuck_busy": "the device is deaf; amount: s",
    "unplug": "the plug is pulled in mid-frame; amount: back after s",
    "unplugged": "the plug is out",
    "wrong_device": "another device answers under this name",
}


@dataclass(frozen=True)
class PlainWords:
    """`Words` without the thing: a plan is checked before its bench is there."""

    words: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class OnWire:
    """A device on a line, with what its own emulator can do wrong besides (`own`)."""

    parts: Mapping[str, tuple[str, ...]] = {}

    def __init__(
        self,
        line: NullLine | PtyLine,
        script: ScriptedFaults,
        stranger: Callable[[], Emulator],
        own: Mapping[str, tuple[str, Callable[[], Mend]]] | None = None,
    ) -> None:
        self._line = line
        self._script = script
        self._stranger = stranger
        self._own = own or {}
        self.words = {**WIRE_WORDS, **{name: told for name, (told, _) in self._own.items()}}

    def break_(self, breakage: Breakage, now_s: float) -> Mend:
        """See `Breakable`."""
        if breakage.kind in self._own:
            return self._own[breakage.kind][1]()
        match breakage.kind:
            case "unplugged":
                self._line.unplug()
                return self._line.replug
            case "wrong_device":
                return self._swapped()
        return self._hit(breakage, now_s)

    @property
    def busy_until_s(self) -> float:
        """When the last byte that a fault may have spoiled has left the line."""
        return self._line.wire.busy_until_s

    def _hit(self, breakage: Breakage, now_s: float) -> Mend:
        kind = FaultKind(breakage.kind)
        once = kind in (FaultKind.STUCK_BUSY, FaultKind.UNPLUG)  # these last by their amount
        count = breakage.count or (1 if once else EVERY_FRAME)
        planned = Planned(Fault(kind, breakage.amount), now_s, count, breakage.way)
        self._script.plan(planned)

        def mend() -> None:
            self._script.withdraw(planned)
            self._line.wire.mend()
            if not self._line.wire.plugged:
                self._line.replug()

        return mend

    def _swapped(self) -> Mend:
        wire = self._line.wire
        own = wire.emulator

        def put(emulator: Emulator) -> None:
            self._line.unplug()
            wire.emulator = emulator
            self._line.replug()

        put(self._stranger())
        return lambda: put(own)


class Breaking(Protocol):
    """The faults of an emulated camera."""

    def freeze(self, on: bool = True) -> None:
        """Repeat one picture."""
        ...

    def blacken(self, on: bool = True) -> None:
        """Cover the lens."""
        ...

    def drop(self, frames: int) -> None:
        """Lose the next frames."""
        ...

    def unplug(self) -> None:
        """Pull the plug."""
        ...

    def replug(self) -> None:
        """Put it back."""
        ...


class Seeing:
    """An emulated camera."""

    parts: Mapping[str, tuple[str, ...]] = {}
    words: Mapping[str, str] = {
        "frozen": "the same picture again and again",
        "black": "the lens is covered",
        "dropped": "no frame comes; amount: how many are lost",
        "unplugged": "the plug is out",
    }

    def __init__(self, camera: Breaking) -> None:
        self._camera = camera

    def break_(self, breakage: Breakage, now_s: float) -> Mend:
        """See `Breakable`."""
        camera = self._camera
        match breakage.kind:
            case "frozen":
                camera.freeze()
                return lambda: camera.freeze(False)
            case "black":
                camera.blacken()
                return lambda: camera.blacken(False)
            case "dropped":
                camera.drop(int(breakage.amount or EVERY_FRAME))
                return lambda: camera.drop(0)
        camera.unplug()
        return camera.replug


class ThePlant:
    """The gate itself: what its doors, sensors, loops and power can do wrong."""

    words: Mapping[str, str] = {
        "weld": "the release relay's contact sticks on",
        "jam": "the leaf does not move",
        "slow": "the leaf takes longer; amount: times",
        "stuck_on": "the sensor says yes whatever happens (a beam: interrupted)",
        "stuck_off": "the sensor says no whatever happens",
        "broken_wire": "the sensor's wire is cut: the input reads no",
        "bounce": "the contact chatters at every change; amount: times",
        "fire_loop": "the fire loop is interrupted",
        "stop_loop": "the emergency-stop loop is interrupted",
        "mains": "the mains are lost",
        "tamper": "the cabinet's cover is off",
    }

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        sensors = tuple(plant.inputs())
        of_sensors = dict.fromkeys(("stuck_on", "stuck_off", "broken_wire", "bounce"), sensors)
        self.parts = {**dict.fromkeys(("weld", "jam", "slow"), plant.door_names), **of_sensors}

    def break_(self, breakage: Breakage, now_s: float) -> Mend:
        """See `Breakable`."""
        act, *worse, sound = self._act(breakage)
        act(*worse, now_s)
        return lambda: act(*worse[:-1], sound, self._plant.now_s)

    def _act(self, breakage: Breakage) -> tuple[Any, ...]:
        """The plant's method, what it takes while broken, and the last of it when sound."""
        plant, part, amount = self._plant, breakage.part, breakage.amount
        match breakage.kind:
            case "weld":
                return plant.weld, part, True, False
            case "jam":
                return plant.jam, part, True, False
            case "slow":
                return plant.slow, part, amount or 4.0, 1.0
            case "stuck_on":
                return plant.stick, part, True, None
            case "stuck_off" | "broken_wire":
                return plant.stick, part, False, None
            case "bounce":
                return plant.bounce, part, Bounce(int(amount or 3)), None
            case "fire_loop":
                return plant.set_loop, "fire", False, True
            case "stop_loop":
                return plant.set_loop, "estop", False, True
            case "mains":
                return plant.set_mains, False, True
            case _:
                return plant.set_tamper, False, True


WORKER_WORDS: Mapping[str, str] = {"unplugged": "the worker does not serve"}
SKINS: Mapping[str, str] = {"dry": "every finger is dry", "wet": "every finger is wet"}


def own_words(emulator: Any) -> dict[str, tuple[str, Callable[[], Mend]]]:
    """What an emulator can do wrong by itself: a fingerprint sensor's fingers are dry or wet."""
    if not hasattr(emulator, "skin"):
        return {}
    from drivers.fingerprint_reader.emulator import Skin  # numpy: only where such a sensor is

    def as_(skin: Skin) -> Callable[[], Mend]:
        def begin() -> Mend:
            emulator.skin = skin
            return lambda: setattr(emulator, "skin", None)

        return begin

    return {name: (told, as_(Skin(name))) for name, told in SKINS.items()}


def words_of_demo(*, real_recognition: bool, document_camera: bool = False) -> dict[str, Words]:
    """What can break in the demo's gate, before it runs."""
    wire = PlainWords(WIRE_WORDS)
    reader = PlainWords(Seeing.words) if document_camera else wire
    things: dict[str, Words] = {"reader": reader, "doors": wire, "gate": ThePlant(Plant())}
    if real_recognition:
        finger = PlainWords({**WIRE_WORDS, **SKINS})
        return {**things, "camera": PlainWords(Seeing.words), "finger": finger}
    return {**things, "recognition": PlainWords(WORKER_WORDS)}
