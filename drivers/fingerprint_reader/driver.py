"""A ZFM-20 / R30x / AS608 / R503 sensor as its user sees it.

One command is under way at a time. The image is transferred once per attempt, right after it was taken and before
anything else: extracting features overwrites the sensor's image buffer. The transfer is awaited, so other work goes
on beside it; cancelling it is allowed, the rest of the image is then drained before the next command.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from drivers.errors import DeviceFault, LinkLost, ProtocolViolation, ReplyTimeout
from drivers.fingerprint_reader import wire
from drivers.fingerprint_reader.captures import Capture, FingerImage, GreyImage, NoImage
from drivers.fingerprint_reader.wire import Ack, Command, Kind, Packet, Parameter
from drivers.link import Link

T = TypeVar("T")

ACK_TIMEOUT_S = (
    2.0  # the slowest documented command, a search of the whole library, takes under a second
)
DATA_PAUSE_S = 0.5  # longest silence inside a transfer
DRAIN_SILENCE_S = 0.1
DRAIN_LIMIT_S = 50.0  # a whole image at 9600 baud takes 42 s
POLL_S = 0.1  # between two looks for a finger
MAX_TEMPLATE_BYTES = 2048  # 512 by the manual, 768 and 1536 seen
MAX_IMAGE_BYTES = max(wire.SHAPES)


_ACKS = frozenset(map(int, Ack))
_REST_BYTES = {  # what follows the confirmation code of a good answer; nothing for all others
    Command.MATCH: 2,
    Command.SEARCH: 4,
    Command.FAST_SEARCH: 4,
    Command.READ_PARAMETERS: 16,
    Command.RANDOM: 4,
    Command.READ_NOTE: 32,
    Command.TEMPLATE_COUNT: 2,
    Command.READ_INDEX: 32,
}


@dataclass(frozen=True, slots=True)
class SystemParameters:
    """Answer to ReadSysPara. packet_bytes: data payload, 32 to 256. baud: line speed in bit/s."""

    status: int
    system_id: int
    capacity: int
    security: int
    address: int
    packet_bytes: int
    baud: int


class Found(NamedTuple):
    """Result of a search in the sensor's own library."""

    position: int
    score: int


class ZfmSensor:
    """Async driver; every method raises LinkLost, ReplyTimeout, ProtocolViolation or DeviceFault."""

    def __init__(
        self,
        *,
        address: int = wire.BROADCAST_ADDRESS,
        password: int = 0,
        resolution_dpi: int = 500,
    ) -> None:
        self._address = address
        self._password = password
        self._dpi = resolution_dpi
        self._link: Link | None = None
        self._decoder = wire.Decoder()
        self._turn = asyncio.Lock()
        self._in_step = True
        self._packet_bytes = 128
        self._baud = 6 * wire.BAUD_STEP
        self._sent_s = 0.0  # when the last byte handed to the link has left it

    @property
    def restarts(self) -> int:
        """Lone power-on bytes heard since `open`: the sensor lost its buffers that often."""
        return self._decoder.power_ons

    async def open(self, link: Link) -> SystemParameters:
        """Take an open link, show the password, read the parameters. If that fails the link is
        closed again: a port that stays open cannot be opened anew.
        """
        link.discard()
        self._link, self._decoder, self._in_step = link, wire.Decoder(), True
        try:
            await self.verify_password()
            return await self.read_parameters()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the link; closing twice is fine."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def capture(self, timeout_s: float) -> Capture:
        """Wait for a finger, take one image and transfer it."""
        deadline_s = asyncio.get_running_loop().time() + timeout_s
        outcome = NoImage.NO_FINGER
        while True:
            code = await self.take_image()
            if code is Ack.OK:
                return FingerImage(await self.upload_image(), self._dpi)
            if code is Ack.IMAGE_FAILED:
                outcome = NoImage.POOR_CONTACT
            if asyncio.get_running_loop().time() + POLL_S > deadline_s:
                return outcome
            await asyncio.sleep(POLL_S)

    async def take_image(self) -> Ack:
        """Look once: OK, NO_FINGER or IMAGE_FAILED."""
        return await self._ask(Command.GEN_IMAGE, (Ack.NO_FINGER, Ack.IMAGE_FAILED))

    async def upload_image(self) -> GreyImage:
        """Transfer the image just taken; uint8 (288, 256) or (192, 192), sixteen grey levels."""
        data = await self._fetch(Command.UP_IMAGE, b"", MAX_IMAGE_BYTES)
        return wire.image_from_nibbles(data)

    async def download_image(self, image: GreyImage) -> None:
        """Put an image into the sensor's buffer, as if it had been taken."""
        await self._send(Command.DOWN_IMAGE, b"", wire.nibbles_from_image(image))

    async def extract(self, slot: int) -> Ack:
        """Turn the image into features in buffer 1 or 2: OK, MESSY, FEW_FEATURES or NO_IMAGE."""
        allowed = (Ack.MESSY, Ack.FEW_FEATURES, Ack.NO_IMAGE)
        return await self._ask(Command.IMAGE_TO_CHAR, allowed, bytes([slot]))

    async def compare(self) -> int | None:
        """Score of buffer 1 against buffer 2 by the sensor's own matcher, None for a non-match."""
        code, rest = await self._exchange(Command.MATCH, (Ack.NO_MATCH,))
        return _words(rest, 1)[0] if code is Ack.OK else None

    async def search(
        self, slot: int, start: int, count: int, *, fast: bool = False
    ) -> Found | None:
        """Best template of the sensor's library for a buffer, None if there is none."""
        command = Command.FAST_SEARCH if fast else Command.SEARCH
        data = struct.pack(">BHH", slot, start, count)
        code, rest = await self._exchange(command, (Ack.NOT_FOUND,), data)
        return Found(*_words(rest, 2)) if code is Ack.OK else None

    async def make_model(self) -> bool:
        """Join both buffers to a template; False if they are not of one finger."""
        return await self._ask(Command.MAKE_MODEL, (Ack.ENROLL_MISMATCH,)) is Ack.OK

    async def store(self, slot: int, position: int) -> None:
        """Keep the template of a buffer in the library."""
        await self._ask(Command.STORE, (), struct.pack(">BH", slot, position))

    async def load(self, slot: int, position: int) -> None:
        """Bring a template of the library into a buffer."""
        await self._ask(Command.LOAD, (), struct.pack(">BH", slot, position))

    async def delete(self, position: int, count: int = 1) -> None:
        """Remove templates from the library."""
        await self._ask(Command.DELETE, (), struct.pack(">HH", position, count))

    async def empty(self) -> None:
        """Remove every template."""
        await self._ask(Command.EMPTY)

    async def upload_template(self, slot: int) -> bytes:
        """Fetch the features or template of a buffer, in the maker's own format."""
        return await self._fetch(Command.UP_CHAR, bytes([slot]), MAX_TEMPLATE_BYTES)

    async def download_template(self, slot: int, template: bytes) -> None:
        """Put features or a template into a buffer."""
        await self._send(Command.DOWN_CHAR, bytes([slot]), template)

    async def template_count(self) -> int:
        """How many templates the library holds."""
        return _words((await self._exchange(Command.TEMPLATE_COUNT))[1], 1)[0]

    async def read_index(self, page: int) -> list[int]:
        """Positions in use among 256 of a page (0 to 3); the lowest bit is the lowest position."""
        _, rest = await self._exchange(Command.READ_INDEX, (), bytes([page]))
        return [page * 256 + bit for bit in range(256) if rest[bit // 8] >> bit % 8 & 1]

    async def verify_password(self) -> None:
        """Show the password; a sensor with one answers nothing else before."""
        await self._ask(Command.VERIFY_PASSWORD, (), self._password.to_bytes(4, "big"))

    async def set_password(self, password: int) -> None:
        """Give the sensor another password; kept over power-off."""
        await self._ask(Command.SET_PASSWORD, (), password.to_bytes(4, "big"))
        self._password = password

    async def set_address(self, address: int) -> None:
        """Give the sensor another address; the answer comes from the new one."""
        old, self._address = self._address, address
        try:
            await self._ask(Command.SET_ADDRESS, (), address.to_bytes(4, "big"), to=old)
        except (DeviceFault, ReplyTimeout):
            self._address = old
            raise

    async def read_parameters(self) -> SystemParameters:
        """Read status, capacity, security level, address, packet size and speed."""
        _, rest = await self._exchange(Command.READ_PARAMETERS)
        status, system_id, capacity, security, address, code, n = struct.unpack(">HHHHIHH", rest)
        if code >= len(wire.PACKET_BYTES) or not 1 <= n <= 12:
            raise ProtocolViolation("system parameters name an impossible packet size or speed")
        self._packet_bytes = wire.PACKET_BYTES[code]
        self._baud = n * wire.BAUD_STEP
        return SystemParameters(
            status, system_id, capacity, security, address, self._packet_bytes, n * wire.BAUD_STEP
        )

    async def set_parameter(self, parameter: Parameter, value: int) -> None:
        """Set baud (N x 9600), security (1 to 5) or packet code (0 to 3). A new speed needs a new link."""
        await self._ask(Command.SET_PARAMETER, (), bytes([parameter, value]))
        if parameter is Parameter.PACKET:
            self._packet_bytes = wire.PACKET_BYTES[value]

    async def random(self) -> int:
        """32 random bits of the sensor; never used as a key here."""
        _, rest = await self._exchange(Command.RANDOM)
        return int.from_bytes(rest[:4], "big")

    async def handshake(self) -> None:
        """Ask for a sign of life (0x17)."""
        await self._ask(Command.HANDSHAKE, (), b"\x00")

    async def echo(self) -> None:
        """Ask for a sign of life (0x53, answered by 0x55)."""
        await self._ask(Command.ECHO, (Ack.ECHO,))

    async def light(self, mode: int, colour: int, speed: int = 128, cycles: int = 0) -> None:
        """Ring light of the R503: mode 1 breathe, 2 flash, 3 on, 4 off; colour 1 red, 2 blue, 3 purple."""
        await self._ask(Command.LED, (), bytes([mode, speed, colour, cycles]))

    async def soft_reset(self) -> None:
        """Restart the sensor's firmware and wait for its power-on byte."""
        before = self._decoder.power_ons
        await self._ask(Command.SOFT_RESET)
        async with self._turn:
            while self._decoder.power_ons == before:
                self._decoder.feed(await self._opened().read(ACK_TIMEOUT_S))

    def _opened(self) -> Link:
        if self._link is None:
            raise LinkLost("the fingerprint sensor is closed; open it on a link first")
        return self._link

    async def _ask(
        self,
        command: Command,
        allowed: tuple[Ack, ...] = (),
        data: bytes = b"",
        to: int | None = None,
    ) -> Ack:
        return (await self._exchange(command, allowed, data, to))[0]

    async def _exchange(
        self,
        command: Command,
        allowed: tuple[Ack, ...] = (),
        data: bytes = b"",
        to: int | None = None,
    ) -> tuple[Ack, bytes]:
        async with self._turn:
            return await self._command(command, allowed, data, to)

    async def _fetch(self, command: Command, data: bytes, limit: int) -> bytes:
        async with self._turn:
            await self._command(command, (), data)
            return await self._in_one_go(self._collect(limit))

    async def _send(self, command: Command, data: bytes, content: bytes) -> None:
        async with self._turn:
            await self._command(command, (), data)
            step = self._packet_bytes
            for at in range(0, len(content), step):
                kind = Kind.END_DATA if at + step >= len(content) else Kind.DATA
                await self._write(Packet(kind, content[at : at + step], self._address))

    async def _command(
        self, command: Command, allowed: tuple[Ack, ...], data: bytes, to: int | None = None
    ) -> tuple[Ack, bytes]:
        if not self._in_step:
            await self._resynchronise()
        self._opened().discard()  # nothing that came before the question is its answer
        self._decoder.clear()
        await self._write(Packet(Kind.COMMAND, bytes([command]) + data, self._to(to)))
        reply = await self._in_one_go(self._receive(ACK_TIMEOUT_S))
        if reply.kind != Kind.ACK:
            raise self._out_of_step("data came where an answer was due")
        code, rest = reply.payload[0], reply.payload[1:]
        if code not in _ACKS:
            raise self._out_of_step(f"unknown answer 0x{code:02X}")
        if Ack(code) is not Ack.OK and Ack(code) not in allowed:
            raise DeviceFault(f"the fingerprint sensor refused {command.name}: {Ack(code).name}")
        if Ack(code) is Ack.OK and len(rest) != _REST_BYTES.get(command, 0):
            raise self._out_of_step("an answer had the length of another command's")
        return Ack(code), rest

    def _to(self, address: int | None) -> int:
        return self._address if address is None else address

    async def _write(self, packet: Packet) -> None:
        data = wire.encode(packet)
        await self._opened().write(data)
        now_s = asyncio.get_running_loop().time()
        self._sent_s = max(now_s, self._sent_s) + len(data) * 10 / self._baud

    def _out_of_step(self, problem: str) -> ProtocolViolation:
        self._in_step = False
        return ProtocolViolation(problem)

    async def _in_one_go(self, work: Coroutine[None, None, T]) -> T:
        """Whatever ends the work early leaves bytes on the line that belong to nobody."""
        self._in_step = False
        result = await work
        self._in_step = True
        return result

    async def _collect(self, limit: int) -> bytes:
        content = bytearray()
        while True:
            packet = await self._receive(DATA_PAUSE_S)
            if packet.kind not in (Kind.DATA, Kind.END_DATA):
                raise ProtocolViolation("an answer came in the middle of data")
            content += packet.payload
            if len(content) > limit:
                raise ProtocolViolation(f"more than {limit} bytes of data")
            if packet.kind == Kind.END_DATA:
                return bytes(content)

    async def _receive(self, timeout_s: float) -> Packet:
        loop = asyncio.get_running_loop()
        deadline_s = max(loop.time(), self._sent_s) + timeout_s
        while True:
            packet = self._decoder.next_packet()
            if packet is None:  # noise does not prolong the wait
                left_s = max(0.0, deadline_s - loop.time())
                self._decoder.feed(await self._opened().read(left_s))
            elif packet.address == self._address:
                return packet

    async def _resynchronise(self) -> None:
        """Let the line fall silent, then ask what has an answer like no other; late answers come before it."""
        await self._drain()
        await self._write(Packet(Kind.COMMAND, bytes([Command.READ_PARAMETERS]), self._address))
        while True:
            packet = await self._receive(ACK_TIMEOUT_S)
            refused = packet.payload[0] == Ack.PASSWORD_NEEDED
            if packet.kind == Kind.ACK and (refused or len(packet.payload) == 17):
                self._in_step = True
                return

    async def _drain(self) -> None:
        link, loop = self._opened(), asyncio.get_running_loop()
        deadline_s = loop.time() + DRAIN_LIMIT_S
        while loop.time() <= deadline_s:
            try:
                await link.read(DRAIN_SILENCE_S)
            except ReplyTimeout:
                self._decoder.clear()
                return
        raise ProtocolViolation("the line never falls silent; check speed and wiring")


def _words(data: bytes, count: int) -> tuple[int, ...]:
    if len(data) != 2 * count:
        raise ProtocolViolation("an answer had the wrong length")
    return struct.unpack(f">{count}H", data)
