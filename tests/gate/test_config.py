"""gate.toml and EGATE_* into frozen values: bounds, lines, mends, and no silent fallback."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.config import Config, ConfigError, RecognitionMode, load
from gate.config_reading import limits_of
from gate.vocabulary.passages import Topology


def problems(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    """The problems of a file, without the folder it lies in."""
    file = tmp_path / "gate.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, environment or {})
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_defaults_need_no_file() -> None:
    """Without a file a gate is wholly emulated."""
    config = load(None, {})
    assert config.reader.address == "null:reader"
    assert config.doors.address == "null:doors"
    assert config.recognition.mode is RecognitionMode.EMULATED


def test_a_file_sets_values(tmp_path: Path) -> None:
    """Values arrive typed: enums, numbers, nested tables, whole numbers for seconds."""
    file = tmp_path / "gate.toml"
    file.write_text(
        '[gate]\ntopology = "one_step"\n[doors.coils]\nentry = 4\n[timings]\nread_s = 9\n'
    )
    config = load(file, {})
    assert config.gate.topology is Topology.ONE_STEP
    assert config.doors.coils.entry == 4
    assert config.timings.read_s == 9.0
    assert isinstance(config.timings.read_s, float)


def test_a_variable_outranks_the_file(tmp_path: Path) -> None:
    """EGATE_SECTION__KEY wins, also in nested tables, and its errors name the variable."""
    file = tmp_path / "gate.toml"
    file.write_text('[doors]\naddress = "null:file"\n')
    environment = {"EGATE_DOORS__ADDRESS": "null:variable", "EGATE_DOORS__INPUTS__ENTRY_BEAM": "30"}
    config = load(file, environment)
    assert config.doors.address == "null:variable"
    assert config.doors.inputs.entry_beam == 30
    found = problems(tmp_path, "", {"EGATE_DOORS__UNIT": "900"})
    assert found == ['EGATE_DOORS__UNIT: doors.unit is "900", must be a whole number from 1 to 247']


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[gate]\n\nidd = "x"', 'gate.toml:3: gate.idd is no key of a gate. Did you mean "id"?'),
        ("[gates]", 'gate.toml:1: gates is no table of a gate. Did you mean "gate"?'),
        ("gate = 3", "gate.toml:1: gate is a table: write [gate]"),
        ("[reader]\nbaud = 9600.5", "gate.toml:2: reader.baud is 9600.5, must be a whole number"),
        ("[reader]\nbaud = true", "gate.toml:2: reader.baud is true, must be a whole number"),
        ("[reader]\nbaud = 50", "must be a whole number from 1200 to 921600"),
        ("[reader]\naddress = 5", "gate.toml:2: reader.address is 5, must be text in quotes"),
        ('[reader]\naddress = "/dev/ttyUSB0"', "must look like"),
        ('[gate]\ntopology = "two_step"', 'Did you mean "one_step"?'),
        ("[timings]\nread_s = nan", "gate.toml:2: timings.read_s is nan"),
        ("[timings]\nread_s = 0", "timings.read_s is 0, must be from 1 to 600 seconds"),
        ('[doors]\naddress = "null:reader"', "doors.address is the reader's as well"),
        ("[doors.inputs]\nmains_ok = 0", "entry_closed and mains_ok share channel 0"),
        ("[doors]\ncoils = { entry = 1 }", "gate.toml:2: doors.coils: entry and exit share"),
        ("[doors]\ncoils.entry = 999", "gate.toml:2: doors.coils.entry is 999"),
        ('[doors]\n\nkind = "lcus"', 'gate.toml:3: doors.kind is "lcus", a board without inputs'),
        ('[reader]\nkind = "camera"', "gate.toml:1: reader.camera must say where the document"),
        ('[reader]\ncamera = "shm:x"', 'gate.toml:2: reader.camera is for kind = "camera"'),
        (
            '[reader]\nkind = "camera"\ncamera = "shm:x"\n[camera]\naddress = "shm:x"',
            "gate.toml:3: reader.camera is the face camera's as well",
        ),
        ('[doors]\nkind = "kmtronic"', 'Name that one in [doors.sensors] with kind "modbus"'),
        ('[doors.sensors]\nkind = "modbus"', "gate.toml:1: doors.sensors.address is missing"),
        ('[doors.sensors]\naddress = "null:x"', 'gate.toml:1: doors.sensors.kind is "none": say'),
        (
            '[doors.sensors]\nkind = "numato"\naddress = "null:doors"',
            "gate.toml:3: doors.sensors.address is the door board's as well",
        ),
        (
            '[doors.sensors]\nkind = "numato"\naddress = "null:reader"',
            "gate.toml:3: doors.sensors.address is the reader's as well",
        ),
        (
            '[doors]\nkind = "numato"\ninputs.tamper_ok = 32',
            "gate.toml:3: doors.inputs.tamper_ok is 32: the board that reads them has 0 to 31",
        ),
        (
            '[doors]\nkind = "numato"\n[doors.coils]\nexit = 8',
            "gate.toml:4: doors.coils.exit is 8: the board has relays 0 to 7. Correct it, or set",
        ),
        (
            '[doors]\nkind = "numato"\nrelays = 33',
            "gate.toml:3: doors.relays is 33: a numato board has 1, 2",
        ),
        ("[doors.coils]\nlamp = 1", "doors.coils: exit and lamp share channel 1"),
        ('[doors]\nkind = "osdp"', "doors.key_file is missing: a gate speaks OSDP over the secure"),
        (
            '[doors]\nkind = "osdp"\nkey_file = "/absent.key"',
            "gate.toml:3: doors.key_file cannot be read",
        ),
        ('[doors]\nkind = "osdp"\nunit = 127', "gate.toml:3: doors.unit is 127: OSDP addresses"),
        ('[reader]\nterminator = ""', "gate.toml:2: reader.terminator is"),
        ('[law]\nparameters = "/absent.toml"', "gate.toml:2: law.parameters is no file"),
        ('[recognition]\nface_fmr = "strict"', "gate.toml:2: recognition.face_fmr is"),
        ('[recognition]\nface_fmr = "0.5"', "gate.toml:2: recognition.face_fmr lets more than one"),
        (
            '[recognition]\nface_engine = "onnx"\nface_network = "/absent.onnx"',
            "gate.toml:3: recognition.face_network: is no file",
        ),
        (
            '[recognition]\nface_engine = "sface"',
            "recognition.face_calibration: the engine sface needs it",
        ),
        ("[gate]\nid = abc", "gate.toml: line 2, column 6: is not TOML"),
        ("[gate]\nid = 'a b'", "must look like"),
    ],
)
def test_a_wrong_line_is_named_with_its_mend(tmp_path: Path, text: str, sentence: str) -> None:
    """Each kind of mistake names file, line and key, and says what to write."""
    assert sentence in "\n".join(problems(tmp_path, text))


@pytest.mark.parametrize(
    ("mode", "text", "sentence"),
    [
        (0o644, "00" * 16, "may be read by others: chmod 600"),
        (0o600, "00" * 15, "holds no base key: 32 hexadecimal digits"),
        (0o600, "zz" * 16, "holds no base key"),
        (0o600, "\udcff", "holds no base key"),
    ],
)
def test_a_base_key_is_secret_and_whole(
    tmp_path: Path, mode: int, text: str, sentence: str
) -> None:
    """A key that others may read, or that is none, is refused; the key itself is never shown."""
    file = tmp_path / "osdp.key"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    file.chmod(mode)
    found = problems(tmp_path, f'[doors]\nkind = "osdp"\nkey_file = "{file}"\n')
    assert sentence in "\n".join(found)
    assert text not in "\n".join(found)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Nobody has to run the check once per mistake."""
    text = "[gate]\nx = 1\n[doors]\nunit = 0\n[store]\nmax_age_min = 0\n"
    assert len(problems(tmp_path, text)) == 3


def test_an_absent_or_binary_file_is_told(tmp_path: Path) -> None:
    """A path that is no file, and a file that is no text, are named."""
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "absent.toml", {})
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "binary.toml", {})


def test_state_paths(tmp_path: Path) -> None:
    """Everything the gate makes lies below the state directory unless it is told otherwise."""
    config = load(None, {"EGATE_STATE": "ignored here"})
    config = dataclasses.replace(config, state=str(tmp_path))
    assert config.store_path == tmp_path / "store.db"
    assert config.store_key_path == tmp_path / "master.key"
    assert config.recognition_address == f"unix:{tmp_path}/recognition.sock"


def test_a_configuration_cannot_change() -> None:
    """What was checked stays as it was."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(None, {}).gate.id = "other"  # type: ignore[misc]


def test_every_number_is_bounded() -> None:
    """No key takes a number without a lowest and a highest value."""
    for section, item, value in _numbers(Config()):
        if section != "timings":
            limits = limits_of(item)
            assert limits.low > float("-inf"), item.name
            assert limits.high < float("inf"), item.name
            assert limits.low <= value <= limits.high


def _numbers(value: Any, name: str = "") -> Iterator[tuple[str, dataclasses.Field[Any], float]]:
    for item in dataclasses.fields(value):
        inner = getattr(value, item.name)
        if dataclasses.is_dataclass(inner):
            yield from _numbers(inner, item.name)
        elif isinstance(inner, int | float) and not isinstance(inner, bool):
            yield name, item, inner


SCALARS = st.one_of(
    st.integers(-(2**40), 2**40).map(str),
    st.floats().map(repr),
    st.sampled_from(["true", "false", "[]", "{}", "1979-05-27", '"x"', "[[1]]"]),
)
KEYS = ["gate.id", "reader.baud", "doors", "doors.coils", "timings.read_s", "policy.commit_slow_s"]


@given(key=st.sampled_from([*KEYS, "state", "web.address", "x.y"]), value=SCALARS)
def test_any_value_is_taken_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: str
) -> None:
    """Whatever stands behind a key, loading gives a Config or a ConfigError, nothing else."""
    file = tmp_path_factory.mktemp("config") / "gate.toml"
    file.write_text(f"{key} = {value}\n")
    try:
        load(file, {})
    except ConfigError as error:
        assert key.split(".")[0] in str(error)  # noqa: PT017 - both ways are right
