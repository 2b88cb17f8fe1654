"""One suite for the ZFM-20 family: our driver over a line in this process (virtual time) and over a pseudo-terminal
(real time), and the hardware that ``--bench`` names. The third-party judges: tests/drivers/fingerprint_reader.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from drivers.errors import DeviceFault, DriverError, LinkLost, ReplyTimeout
from drivers.faults import Fault, FaultKind, Faults, NoFaults, Planned, ScriptedFaults
from drivers.fingerprint_reader.captures import FingerImage, NoImage
from drivers.fingerprint_reader.driver import ZfmSensor
from drivers.fingerprint_reader.emulator import (
    R503,
    ZFM20,
    FingerSensorEmulator,
    SensorModel,
    Skin,
)
from drivers.fingerprint_reader.wire import Ack, Parameter
from drivers.line import NullLine, PtyLine
from drivers.link import open_link, register_null, unregister_null
from tests.drivers.document_reader.bench import BenchDevice, bench_devices
from tests.drivers.document_reader.virtual_time import run_virtual
from tests.drivers.fingerprint_reader.pictures import finger

BAUD = 57_600  # what the unit is told; the pseudo-terminal runs faster so that tests are quick
FAST = 1_000_000
Line = NullLine | PtyLine
Story = Callable[[ZfmSensor, FingerSensorEmulator, Line], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture(params=["null", "pty"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Run a story with an opened sensor over either link."""

    async def over_null(story: Story, unit: FingerSensorEmulator, faults: Faults) -> None:
        line = register_null("finger", unit, BAUD, faults)
        try:
            await at("null:finger", story, unit, line)
        finally:
            unregister_null("finger")

    async def over_pty(story: Story, unit: FingerSensorEmulator, faults: Faults) -> None:
        line = PtyLine(unit, tmp_path / "finger", FAST, faults, any_baud=True)
        line.start()
        try:
            await at(f"pty:{tmp_path}/finger", story, unit, line)
        finally:
            line.close()

    async def at(address: str, story: Story, unit: FingerSensorEmulator, line: Line) -> None:
        sensor = ZfmSensor()
        await sensor.open(await open_link(address, baud=BAUD))
        try:
            await story(sensor, unit, line)
        finally:
            await sensor.close()

    def run(
        story: Story, unit: FingerSensorEmulator | None = None, faults: Faults | None = None
    ) -> None:
        unit = unit or FingerSensorEmulator(hurry=20)
        over = over_null if request.param == "null" else over_pty
        (run_virtual if request.param == "null" else asyncio.run)(
            over(story, unit, faults or NoFaults())
        )

    return run


@pytest.mark.parametrize("model", [ZFM20, R503], ids=["ZFM-20", "R503"])
def test_an_image_arrives_as_it_was_laid(play: Play, model: SensorModel) -> None:
    """Shape and the upper four bits of every pixel survive the wire; one transfer for one attempt."""
    picture = finger(1, model.shape)
    unit = FingerSensorEmulator(model, hurry=20)

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        unit.place(picture)
        taken = await sensor.capture(1.0)
        assert isinstance(taken, FingerImage)
        assert np.array_equal(taken.pixels >> 4, picture >> 4)
        assert unit.state.images_sent == 1

    play(story, unit)


def test_nobody_touches_the_sensor(play: Play) -> None:
    """No finger and an unsteady finger are outcomes, not errors."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        assert await sensor.capture(0.3) is NoImage.NO_FINGER
        unit.place(finger(1), Skin.MOVING)
        assert await sensor.capture(0.3) is NoImage.POOR_CONTACT

    play(story)


def test_enrol_compare_and_search(play: Play) -> None:
    """A finger enrolled from two impressions is found again, another finger is not."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await enrol(sensor, unit, 1, position=7)
        await enrol(sensor, unit, 2, position=300)
        assert await sensor.template_count() == 2
        assert await sensor.read_index(0) == [7]
        assert await sensor.read_index(1) == [300]
        for seed, position in ((1, 7), (2, 300)):
            await features(sensor, unit, seed, slot=1, shift=2)
            for fast in (False, True):
                found = await sensor.search(1, 0, 1000, fast=fast)
                assert found is not None
                assert found.position == position
        await features(sensor, unit, 3, slot=1)
        assert await sensor.search(1, 0, 1000) is None
        await sensor.load(2, 7)
        assert await sensor.compare() is None
        await sensor.delete(7)
        await sensor.empty()
        assert await sensor.template_count() == 0

    play(story)


def test_two_fingers_make_no_model(play: Play) -> None:
    """Impressions of two different fingers are refused at enrolment."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await features(sensor, unit, 1, slot=1)
        await features(sensor, unit, 2, slot=2)
        assert not await sensor.make_model()

    play(story)


def test_a_template_travels_out_and_back(play: Play) -> None:
    """What was fetched from one buffer can be put into the other, at every packet size."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await features(sensor, unit, 4, slot=1)
        template = await sensor.upload_template(1)
        for code in range(4):
            await sensor.set_parameter(Parameter.PACKET, code)
            await sensor.download_template(2, template)
            assert await sensor.upload_template(2) == template
            assert await sensor.compare() is not None

    play(story)


def test_an_image_sent_to_the_sensor_is_its_image(play: Play) -> None:
    """DownImage fills the image buffer, which can then be fetched and extracted."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await sensor.download_image(finger(5))
        assert np.array_equal(await sensor.upload_image() >> 4, finger(5) >> 4)
        assert await sensor.extract(1) is Ack.OK

    play(story)


def test_extraction_uses_the_image_up(play: Play) -> None:
    """After extraction there is no image to fetch: the sensor reuses the buffer."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await features(sensor, unit, 1, slot=1)
        with pytest.raises(DeviceFault, match="UP_IMAGE"):
            await sensor.upload_image()

    play(story)


@pytest.mark.parametrize(
    ("skin", "code"), [(Skin.DRY, Ack.FEW_FEATURES), (Skin.WET, Ack.MESSY)], ids=["dry", "wet"]
)
def test_dry_and_wet_fingers(play: Play, skin: Skin, code: Ack) -> None:
    """A dry finger gives few features, a wet one a messy image; both still give pictures."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        unit.place(finger(1), skin)
        assert isinstance(await sensor.capture(0.5), FingerImage)
        assert await sensor.extract(1) is code

    play(story)


def test_parameters_password_address_and_small_commands(play: Play) -> None:
    """Every remaining command does what the manual says."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await sensor.set_parameter(Parameter.SECURITY, 5)
        parameters = await sensor.read_parameters()
        assert (parameters.capacity, parameters.security, parameters.baud) == (200, 5, 57_600)
        assert parameters.packet_bytes == 128
        with pytest.raises(DeviceFault, match="BAD_REGISTER"):
            await sensor.set_parameter(Parameter.SECURITY, 9)
        await sensor.handshake()
        await sensor.echo()
        assert await sensor.random() != await sensor.random()
        await sensor.light(3, 2)
        assert unit.state.light == (3, 128, 2, 0)
        await sensor.set_address(0x12345678)
        assert (await sensor.read_parameters()).address == 0x12345678
        await sensor.soft_reset()
        assert sensor.restarts == 1

    play(story, FingerSensorEmulator(R503, hurry=20))


def test_a_sensor_with_a_password_wants_it_first(play: Play) -> None:
    """A wrong password is refused, nothing else is answered before the right one."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        await sensor.set_password(0xCAFE)
        unit.power_cycle(asyncio.get_running_loop().time())
        line.poke()
        with pytest.raises(DeviceFault, match="PASSWORD_NEEDED"):
            await sensor.template_count()
        await sensor.verify_password()
        assert await sensor.template_count() == 0

    play(story)


def test_other_work_goes_on_during_a_transfer(play: Play) -> None:
    """A transfer takes seconds on a real line and blocks nobody."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        unit.place(finger(1))
        transfer = asyncio.create_task(sensor.capture(1.0))
        turns = 0
        while not transfer.done():
            await asyncio.sleep(0.01)
            turns += 1
        assert turns > 10
        assert isinstance(await transfer, FingerImage)

    play(story)


def test_a_cancelled_transfer_leaves_no_debris(play: Play) -> None:
    """After a cancelled transfer the next command gets its own answer."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        unit.place(finger(1))
        transfer = asyncio.create_task(sensor.capture(1.0))
        await asyncio.sleep(0.1)
        transfer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await transfer
        assert await sensor.template_count() == 0
        assert isinstance(await sensor.capture(1.0), FingerImage)

    play(story)


@pytest.mark.parametrize("play", ["null"], indirect=True)
@pytest.mark.parametrize("kind", [k for k in FaultKind if k is not FaultKind.UNPLUG])
def test_a_fault_is_an_error_and_then_over(play: Play, kind: FaultKind) -> None:
    """Whatever hits an answer or a transfer, the caller gets a driver error or the true result, and then all is well."""
    faults = ScriptedFaults(
        [Planned(Fault(kind, 0.3 if kind is FaultKind.STUCK_BUSY else None), 1e9, 2)]
    )

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        faults.script = [Planned(planned.fault, 0.0, 1, planned.way) for planned in faults.script]
        unit.place(finger(1))
        try:
            taken = await sensor.capture(0.2)
            assert not isinstance(taken, FingerImage) or np.array_equal(
                taken.pixels >> 4, finger(1) >> 4
            )
        except DriverError:
            pass
        await asyncio.sleep(0.5)
        for _ in range(2):  # a held-back answer may spoil one more exchange
            try:
                assert await sensor.template_count() == 0
            except DriverError:
                continue
        assert isinstance(await sensor.capture(1.0), FingerImage)

    play(story, None, faults)


def test_unplugged_in_the_middle_of_an_image(play: Play) -> None:
    """A plug pulled during the transfer is LinkLost at once."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        unit.place(finger(1))
        transfer = asyncio.create_task(sensor.capture(1.0))
        await asyncio.sleep(0.1)
        line.unplug()
        with pytest.raises(LinkLost):
            await asyncio.wait_for(transfer, 2.0)

    play(story)


def test_stuck_busy_times_out(play: Play) -> None:
    """A sensor that hangs makes the command time out; afterwards it answers again."""

    async def story(sensor: ZfmSensor, unit: FingerSensorEmulator, line: Line) -> None:
        unit.hang(asyncio.get_running_loop().time(), 2.1)
        with pytest.raises(ReplyTimeout):
            await sensor.template_count()
        await asyncio.sleep(0.2)
        assert await sensor.template_count() == 0

    play(story)


async def features(
    sensor: ZfmSensor, unit: FingerSensorEmulator, seed: int, *, slot: int, shift: int = 0
) -> None:
    """Take the features of a finger into a buffer."""
    unit.place(finger(seed, unit.state.model.shape, shift))
    assert await sensor.take_image() is Ack.OK
    assert await sensor.extract(slot) is Ack.OK


async def enrol(sensor: ZfmSensor, unit: FingerSensorEmulator, seed: int, *, position: int) -> None:
    """Enrol a finger from two impressions."""
    await features(sensor, unit, seed, slot=1)
    await features(sensor, unit, seed, slot=2, shift=1)
    assert await sensor.make_model()
    await sensor.store(1, position)


def test_hardware_on_the_bench(pytestconfig: pytest.Config) -> None:
    """Each fingerprint sensor of the bench tells its parameters; none there is a counted skip."""

    async def check(device: BenchDevice) -> None:
        sensor = ZfmSensor()
        try:
            link = await open_link(device.address, baud=device.baud)
            parameters = await sensor.open(link)
            assert parameters.baud == device.baud
            assert 0 <= await sensor.template_count() <= parameters.capacity
        finally:
            await sensor.close()

    for device in bench_devices(pytestconfig, "fingerprint_reader"):
        asyncio.run(check(device))
