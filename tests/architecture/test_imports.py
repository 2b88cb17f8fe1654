"""Who may import whom (ARCHITECTURE.md), read from the syntax trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.rooms import DEVICES
from tests.architecture.rules import reached, violations
from tests.architecture.source import imports, modules, parse


def test_every_import_is_allowed() -> None:
    """No module imports what the rules of its room forbid."""
    assert [line for module in modules() for line in violations(module)] == []


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("gate/law/x.py", "import os", "pure"),
        ("gate/law/x.py", "from gate.passage import step", "must not import"),
        ("gate/passage/x.py", "def f():\n    import time", "pure"),
        ("gate/passage/interlock.py", "from gate.passage.step import step", "never"),
        ("gate/runner.py", "from gate.adapters import doors", "only gate.adapters"),
        ("gate/runner.py", "import gate.compose", "only gate.compose"),
        ("gate/config_text.py", "from gate.store import schema", "must not import"),
        ("gate/web/x.py", "from gate.passage.step import step", "must not import"),
        ("gate/bench/x.py", "import gate.web.server", "never"),
        ("gate/store/x.py", "import serial", "must not import serial"),
        ("drivers/door_relay/driver.py", "import serial", "must not import serial"),
        ("drivers/door_relay/driver.py", "import drivers.document_reader.wire", "must not"),
        ("drivers/door_relay/driver.py", "from drivers.plant import plant", "emulator"),
        ("drivers/plant/x.py", "import gate.vocabulary", "must not import"),
        ("models/mrz/x.py", "import passporteye", "engines only"),
        ("models/mrz/engines/x.py", "import passporteye", "slow"),
        ("models/face/x.py", "import numba", "must not import numba"),
        ("models/face/x.py", "from drivers import link", "must not import"),
        ("gate/effects.py", "from . import ports", "absolute"),
    ],
)
def test_a_forbidden_import_is_found(path: str, text: str, sentence: str) -> None:
    """Each rule speaks up when it is broken."""
    found = violations(parse(Path(path), text))
    assert len(found) >= 1
    assert sentence in " ".join(found)


@pytest.mark.parametrize("device", DEVICES)
def test_driver_and_emulator_share_no_code(device: str) -> None:
    """Neither reaches the other, nor an emulator the driver's wire, through any file between."""
    own = {m.name: m for m in modules() if m.name.startswith(f"drivers.{device}.")}
    for name, module in own.items():
        file = name.rpartition(".")[2]
        seen = {other.rpartition(".")[2] for other in reached(module, own)}
        if file.startswith("emulat"):
            assert not [f for f in seen if f.startswith(("driver", "wire"))], name
        elif file.startswith(("driver", "wire")):
            assert not [f for f in seen if f.startswith("emulat")], name


def test_images_are_decoded_in_one_file() -> None:
    """In a recognition package one file decodes with Pillow and wsq; drawing files are apart."""
    users: dict[str, set[str]] = {}
    for module in modules():
        drawing = any(part.startswith(("synthetic", "training")) for part in module.path.parts)
        for found in imports(module):
            if module.name.startswith("models.") and found.top in ("PIL", "wsq") and not drawing:
                users.setdefault(module.name.split(".")[1], set()).add(module.name)
    assert {package: names for package, names in users.items() if len(names) > 1} == {}


def test_an_adapter_imports_one_package() -> None:
    """A file of gate.adapters translates exactly one driver or model package."""
    for module in modules():
        if module.name.startswith("gate.adapters."):
            used = {
                ".".join(found.target.split(".")[:2])
                for found in imports(module)
                if found.top in ("drivers", "models")
                and found.target not in ("drivers.errors", "drivers.link")
            }
            assert len(used) <= 1, f"{module.path}: {used}"


def test_the_controller_starts_without_the_heavy_libraries() -> None:
    """Nothing on the controller's way imports cv2, numba or starlette at its top."""
    among = {m.name: m for m in modules()}
    start = among.get("gate.compose") or among["gate.cli.main"]
    for name in {start.name, *_reached_at_top(start.name)}:
        heavy = [
            f.target
            for f in imports(among[name])
            if not f.lazy and f.top in ("cv2", "numba", "starlette")
        ]
        assert heavy == [], name


def _reached_at_top(start: str) -> set[str]:
    among = {m.name: m for m in modules()}
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for found in imports(among[waiting.pop()]):
            if not found.lazy and found.target in among and found.target not in seen:
                seen.add(found.target)
                waiting.append(found.target)
    return seen
