"""Every kind of device that a gate.toml can name serves a whole gate, composed from that file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.door_relay.kinds import BOARD_KINDS, Fitting
from drivers.line import NullLine, NullLink
from drivers.link import register_null, unregister_null
from drivers.plant import Plant
from gate.bench.far_ends import DOOR_BOARDS
from gate.bench.stories import tell
from gate.compose_devices import door_board
from gate.config import Config, ReaderKind, load
from gate.config_doors import BOARD_ABILITIES, DoorsKind, SensorsKind
from gate.vocabulary.passages import Door, DoorState

WITHOUT_INPUTS = [kind for kind, able in BOARD_ABILITIES.items() if not able.inputs]
BESIDE = '[doors.sensors]\nkind = "modbus"\naddress = "null:sensors"\n'
IN_VIRTUAL_TIME = [kind for kind in DoorsKind if kind is not DoorsKind.OSDP]
"""libosdp keeps the machine's time: its gate is tried in real time below."""
STORIES = {"admitted": "admit", "banned": "refer", "fire_on_the_way": "evacuated"}


def loaded(folder: Path, text: str) -> Config:
    """A gate of this gate.toml."""
    file = folder / "gate.toml"
    file.write_text(text)
    return load(file, {})


def outcomes(config: Config, kinds: list[str]) -> tuple[list[str], str]:
    """What travellers of these kinds come to, and the story."""
    said: list[str] = []
    run = tell(kinds, seed=5, say=said.append, config=config)
    assert run.errors == 0, "\n".join(said)
    closed = [entry["data"] for entry in run.journal if entry["kind"] == "passage_closed"]
    return [data["outcome"] for data in closed], "\n".join(said)


@pytest.mark.parametrize("kind", IN_VIRTUAL_TIME, ids=lambda kind: kind.value)
def test_travellers_pass_with_every_door_board(tmp_path: Path, kind: DoorsKind) -> None:
    """Admit, refer and evacuate, with a second board for the sensors where the first has none."""
    beside = BESIDE if kind in WITHOUT_INPUTS else ""
    config = loaded(tmp_path, f'[doors]\nkind = "{kind.value}"\n{beside}')
    assert outcomes(config, list(STORIES))[0] == list(STORIES.values())


def test_an_osdp_device_serves_the_gate_in_real_time(tmp_path: Path) -> None:
    """The composed port over the secure channel: read, release, lock, with the key of the file."""
    key = tmp_path / "osdp.key"
    key.touch(0o600)
    key.write_text("00112233445566778899aabbccddeeff\n")
    told = f'kind = "osdp"\nunit = 9\nkey_file = "{key}"\n'
    config = loaded(tmp_path, f"[doors]\n{told}")

    async def story() -> None:
        plant = Plant(start_s=asyncio.get_running_loop().time())
        register_null("doors", DOOR_BOARDS[DoorsKind.OSDP](config.doors, plant), config.doors.baud)
        doors = door_board(config)
        try:
            await doors.recover()
            assert (await doors.read()).entry is DoorState.LOCKED
            await doors.release(Door.ENTRY)
            assert (await doors.read()).entry is not DoorState.LOCKED
            assert plant.truth().doors["entry"].coil
            await doors.lock(Door.ENTRY)
            assert not plant.truth().doors["entry"].coil
        finally:
            await doors.close()
            unregister_null("doors")

    asyncio.run(story())


def test_numato_gpio_reads_the_sensors_of_another_board(tmp_path: Path) -> None:
    """Two USB boards, one for the relays and one for the contacts."""
    text = '[doors]\nkind = "lcus-query"\n' + BESIDE.replace("modbus", "numato")
    assert outcomes(loaded(tmp_path, text), ["admitted"])[0] == ["admit"]


@pytest.mark.parametrize(
    "reader",
    [
        'kind = "elyctis"\npresence = false',
        'kind = "rte"',
        'kind = "lines"',
        'kind = "lines"\nprefix = "\\u0002"\nterminator = "\\r\\n"\nsuffix = "\\u0003"',
    ],
)
def test_travellers_pass_with_every_document_reader(tmp_path: Path, reader: str) -> None:
    """A reader that never notices the removal does not keep its traveller waiting for it."""
    config = loaded(tmp_path, f"[reader]\n{reader}\n")
    assert outcomes(config, ["admitted", "banned"])[0] == ["admit", "refer"]


def test_what_the_configuration_knows_of_a_board_is_what_its_driver_says() -> None:
    """Relays, inputs, read-back and firmware pulse agree for each kind."""
    assert {kind.value for kind in DoorsKind} == set(BOARD_KINDS)
    for kind, able in BOARD_ABILITIES.items():
        made = BOARD_KINDS[kind.value]
        inputs = 2 if able.inputs else 0
        key = bytes(16)
        link = NullLink("null:none", NullLine("none", _Nothing(), 9600))
        board = made.make(link, Fitting(9600, able.usual_relays, inputs, key=key))
        can = board.capabilities
        assert made.has_inputs is bool(able.inputs) is bool(can.inputs), kind
        assert (can.reads_back, can.pulses) == (able.reads_back, able.ends_pulse), kind
        assert able.usual_relays in (0, can.coils), kind
        for relays in able.relays:
            made.make(link, Fitting(9600, relays, key=key))
        for relays in set(range(1, 70)) - set(able.relays or range(70)):
            with pytest.raises(ValueError, match="relays"):
                made.make(link, Fitting(9600, relays, key=key))


class _Nothing:
    """A device that is not there."""

    def receive(self, data: bytes, now_s: float) -> None:
        """Deaf."""

    def transmit(self, now_s: float) -> bytes:
        """Dumb."""
        return b""

    def next_change(self, now_s: float) -> float | None:
        """Never."""
        return None


def test_every_kind_of_reader_and_sensor_board_is_tried_here() -> None:
    """A kind that is added gets its line above; a camera is tried with the recognition."""
    assert (Path(__file__).parent / "recognition/test_camera_reader.py").is_file()
    assert {kind.value for kind in ReaderKind} == {"elyctis", "rte", "lines", "camera"}
    assert {kind.value for kind in SensorsKind} == {"none", "modbus", "numato"}
