"""`ports.Doors` that looks and never moves: decides as usual, for a trial beside the real gate."""

from gate.ports import Doors
from gate.vocabulary.passages import Door, Sensors


class DryDoors:
    """Reads through to the real doors; releases and locks nothing."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def recover(self) -> None:
        """Recover the real doors."""
        await self._doors.recover()

    async def release(self, door: Door) -> None:
        """Nothing moves."""

    async def lock(self, door: Door) -> None:
        """Nothing moves."""

    async def hold_open(self) -> None:
        """Nothing moves: in an emergency the loops open the doors without any controller."""

    async def read(self) -> Sensors:
        """The real sensors."""
        return await self._doors.read()

    async def next_sensors(self) -> Sensors:
        """The real sensors."""
        return await self._doors.next_sensors()
