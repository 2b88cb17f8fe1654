"""Which terminal of a board goes where in the gate."""

from dataclasses import dataclass

from drivers.plant import Plant

INPUT_NAMES = (
    "entry_closed",
    "entry_open",
    "exit_closed",
    "exit_open",
    "entry_beam",
    "exit_beam",
    "presence_1",
    "presence_2",
    "approach",
    "fire_loop_ok",
    "estop_loop_ok",
    "mains_ok",
    "tamper_ok",
)
"""The inputs of the reference wiring, in the order of the terminals."""


@dataclass(frozen=True)
class Wiring:
    """Terminals in order, by name; "" is a terminal with nothing on it. A relay that is named
    after a door of the plant is that door's release coil, any other name is a lamp or buzzer.
    """

    coils: tuple[str, ...] = ("entry", "exit", "lamp", "buzzer", "", "", "", "")
    inputs: tuple[str, ...] = (*INPUT_NAMES, "", "", "")


class Terminals:
    """A board's relays and inputs, wired to a plant. Times are those of the plant."""

    def __init__(self, wiring: Wiring, plant: Plant) -> None:
        self._wiring = wiring
        self._plant = plant
        self.relays = [False] * len(wiring.coils)
        self._pulse_ends_s: dict[int, float] = {}

    def switch(self, relay: int, on: bool, now_s: float) -> None:
        """Move a relay; a pulse that was running on it is forgotten."""
        self._pulse_ends_s.pop(relay, None)
        self._set(relay, on, now_s)

    def pulse(self, relay: int, for_s: float, now_s: float) -> None:
        """Switch a relay on, and off by itself after `for_s`."""
        self._set(relay, True, now_s)
        self._pulse_ends_s[relay] = now_s + for_s

    def catch_up(self, now_s: float) -> bool:
        """End the pulses that are due and let the plant move on; whether the board has power
        (its relays fall when it has not).
        """
        for relay, ends_s in sorted(self._pulse_ends_s.items(), key=lambda item: item[1]):
            if ends_s <= now_s:
                self.switch(relay, False, ends_s)
        self._plant.advance(now_s)
        if not self._plant.powered:
            for relay in range(len(self.relays)):
                self.switch(relay, False, now_s)
        return self._plant.powered

    def next_change(self) -> float | None:
        """When the next pulse ends."""
        return min(self._pulse_ends_s.values(), default=None)

    def inputs(self) -> list[bool]:
        """What the input terminals see now."""
        seen = self._plant.inputs()
        return [seen.get(name, False) for name in self._wiring.inputs]

    def _set(self, relay: int, on: bool, now_s: float) -> None:
        if self.relays[relay] == on:
            return
        self.relays[relay] = on
        name = self._wiring.coils[relay]
        if name in self._plant.door_names:
            self._plant.set_coil(name, on, now_s)
