"""An OSDP device with outputs, inputs and perhaps a card reader. Needs the extra `osdp`.

What this file alone knows: the device ends a timed output by itself; a device that cannot be
asked for its state tells every change by itself; after an error only a new secure channel makes
the state known, because nothing of the old one is believed.
"""

import osdp

from drivers.door_relay.board import BoardState, Capabilities, DoorBoard
from drivers.door_relay.osdp_session import Session
from drivers.errors import DeviceFault, ReplyTimeout
from drivers.link import Link

# IEC 60839-11-5, osdp_OUT: control codes.
OFF, ON, ON_FOR_A_TIME = 1, 2, 5
REPORT_S = 1.0
OUTPUTS, INPUTS = osdp.StatusReportType.Output, osdp.StatusReportType.Input


class OsdpBoard(DoorBoard):
    """`address` 0..126, `key` 16 bytes (SCBK), `coils` and `inputs` as many as are wired."""

    _refusal_ends_exchange = False  # libosdp leaves a device that refused alone for minutes

    def __init__(
        self,
        link: Link,
        *,
        key: bytes,
        address: int = 1,
        baud: int = 9600,
        coils: int = 4,
        inputs: int = 0,
    ) -> None:
        if not 1 <= coils <= 64 or not 0 <= inputs <= 64:
            raise ValueError("OSDP device: 1..64 relays, 0..64 inputs")
        can = Capabilities(coils, inputs, reads_back=True, pulses=True, acknowledges=True)
        super().__init__(link, can, baud=baud, reply_timeout_s=REPORT_S)
        self._address, self._key = address, key
        self._session = Session(link, address, key)
        self._can_be_asked: bool | None = None
        self._commanded: dict[int, bool] = {}
        """What the outputs' reports must show once before they are believed: one that was said
        before a command may arrive behind it.
        """

    def take_card(self) -> tuple[int, bytes] | None:
        """The oldest card held to the reader and not yet taken, as (bits, data)."""
        return self._session.cards.popleft() if self._session.cards else None

    async def close(self) -> None:
        """End the channel and let the line go. A timed output ends by itself."""
        await self._session.stop()
        await super().close()

    async def _drain(self) -> None:
        """Begin a new secure channel in place of waiting for silence."""
        await self._session.stop()
        self._link.discard()
        self._commanded.clear()
        cards = self._session.cards
        self._session = Session(self._link, self._address, self._key)
        self._session.cards.extend(cards)
        await self._session.start()

    async def _switch(self, channel: int, *, on: bool) -> None:
        await self._output(channel, ON if on else OFF, 0)

    async def _pulse(self, channel: int, tenths: int) -> None:
        await self._output(channel, ON_FOR_A_TIME, tenths)

    async def _output(self, channel: int, code: int, tenths: int) -> None:
        self._session.forget(OUTPUTS)
        self._commanded[channel] = code != OFF
        await self._session.command(
            {
                "command": osdp.Command.Output,
                "output_no": channel,
                "control_code": code,
                "timer_count": tenths,
            }
        )

    async def _read_all(self) -> BoardState:
        if not self._session.secure:
            raise ReplyTimeout(f"{self.address}: the secure channel is down")
        coils = await self._report(OUTPUTS, self.capabilities.coils)
        if not self.capabilities.inputs:
            return BoardState(coils, ())
        return BoardState(coils, await self._report(INPUTS, self.capabilities.inputs))

    async def _report(self, kind: int, count: int) -> tuple[bool, ...]:
        if self._can_be_asked is not False:
            await self._ask(kind)
        if kind == OUTPUTS and not self._can_be_asked:
            await self._session.until(self._followed, REPORT_S, "the relays did not follow")
            self._commanded.clear()
        what = "the device tells nothing of its outputs or inputs"
        await self._session.until(lambda: self._session.last(kind) is not None, REPORT_S, what)
        told = self._session.last(kind) or b""
        if len(told) < count:
            raise DeviceFault(f"{self.address}: {len(told)} channels, {count} are configured")
        return tuple(byte != 0 for byte in told[:count])

    def _followed(self) -> bool:
        """Whether each commanded position was reported since."""
        outputs = [told for kind, told in self._session.reports if kind == OUTPUTS]
        return all(
            any(channel < len(told) and bool(told[channel]) is on for told in outputs)
            for channel, on in self._commanded.items()
        )

    async def _ask(self, kind: int) -> None:
        """Ask for a report. A device that refuses the very first question tells by itself."""
        question = {"command": osdp.Command.Status, "type": kind, "report": b""}
        try:
            self._session.forget(kind)
            await self._session.command(question)
            self._can_be_asked = True
        except DeviceFault:
            if self._can_be_asked:
                raise
            self._can_be_asked = False
            await self._drain()
