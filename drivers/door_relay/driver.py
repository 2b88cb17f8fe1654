"""A Modbus-RTU board with relays and inputs, as its user sees it.

What this file alone knows: a master leaves 3.5 characters of silence before it speaks; the relay
that opens a door is pulsed by the firmware, so that it locks again with the host dead; a reply
that is merely late must not be taken for the next one.
"""

import asyncio

from drivers.door_relay import wire_modbus as wire
from drivers.door_relay.board import BoardState, Capabilities, DoorBoard
from drivers.link import Link, open_link

REPLY_TIMEOUT_S = 0.1


class ModbusDoorBoard(DoorBoard):
    """`unit` 1..247, `coils` and `inputs` as many as are wired (inputs 0: a board without).
    `firmware_pulse` False for boards that do not know Waveshare's pulse addresses.
    """

    def __init__(
        self,
        link: Link,
        *,
        baud: int = 9600,
        unit: int = 1,
        coils: int = 8,
        inputs: int = 16,
        firmware_pulse: bool = True,
        reply_timeout_s: float = REPLY_TIMEOUT_S,
    ) -> None:
        if not 1 <= unit <= 247 or not 1 <= coils <= 255 or not 0 <= inputs <= 255:
            raise ValueError("modbus board: unit 1..247, coils 1..255, inputs 0..255")
        can = Capabilities(coils, inputs, reads_back=True, pulses=firmware_pulse, acknowledges=True)
        super().__init__(link, can, baud=baud, reply_timeout_s=reply_timeout_s)
        self._unit = unit
        self._silence_s = wire.t3_5_s(baud)
        self._quiet_since_s = float("-inf")

    async def _switch(self, channel: int, *, on: bool) -> None:
        request = wire.write_coil(self._unit, channel, on=on)
        wire.check_echo(request, await self._ask(request))

    async def _pulse(self, channel: int, tenths: int) -> None:
        request = wire.pulse_coil(self._unit, channel, tenths)
        wire.check_echo(request, await self._ask(request))

    async def _read_all(self) -> BoardState:
        coils, inputs = self.capabilities.coils, self.capabilities.inputs
        on = wire.bits(await self._ask(wire.read_coils(self._unit, coils)), coils)
        if inputs == 0:
            return BoardState(on, ())
        active = wire.bits(await self._ask(wire.read_inputs(self._unit, inputs)), inputs)
        return BoardState(on, active)

    async def _ask(self, request: wire.Request) -> bytes:
        loop = asyncio.get_running_loop()
        if (silence_s := self._quiet_since_s + self._silence_s - loop.time()) > 0:
            await asyncio.sleep(silence_s)
        decoder = wire.ReplyDecoder(request)
        try:
            return await self._converse(request.frame, decoder.feed, request.reply_bytes)
        finally:
            self._quiet_since_s = loop.time()


async def open_modbus_board(
    address: str,
    *,
    baud: int = 9600,
    unit: int = 1,
    coils: int = 8,
    inputs: int = 16,
    firmware_pulse: bool = True,
    reply_timeout_s: float = REPLY_TIMEOUT_S,
) -> ModbusDoorBoard:
    """Open the line; the state is unknown until `read`. Raises LinkLost, ValueError."""
    link = await open_link(address, baud=baud)
    return ModbusDoorBoard(
        link,
        baud=baud,
        unit=unit,
        coils=coils,
        inputs=inputs,
        firmware_pulse=firmware_pulse,
        reply_timeout_s=reply_timeout_s,
    )
