"""The house as data: which room a module is in, and what each room may import.

One entry per rule of ARCHITECTURE.md. A room is the longest prefix below that a module's dotted
name starts with; an entry lists the rooms and third parties that it may import. Rooms that are
not built yet are here already.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PURE = frozenset(
    {
        "__future__",
        "abc",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "functools",
        "itertools",
        "math",
        "typing",
    }
)
ENGINES = frozenset(
    {
        *("dlib", "face_recognition", "face_recognition_models", "onnxruntime"),
        *("fastmrz", "passporteye"),
    }
)


@dataclass(frozen=True, slots=True)
class Room:
    """What the modules of a room may import besides their own room.

    `stdlib`: None allows all of it. `third_parties`: top-level names; None allows any.
    `rooms`: prefixes of this project's modules; None allows any.
    """

    rooms: frozenset[str] | None = frozenset()
    third_parties: frozenset[str] | None = frozenset()
    stdlib: frozenset[str] | None = None
    never: frozenset[str] = field(default_factory=frozenset)


def _room(rooms: str = "", third: str = "", never: str = "", pure: bool = False) -> Room:
    return Room(
        frozenset(rooms.split()),
        frozenset(third.split()),
        PURE if pure else None,
        frozenset(never.split()),
    )


VOCABULARY = "gate.vocabulary"
ROOMS: dict[str, Room] = {
    # 1: values, and the pure rooms
    "gate.vocabulary": _room(),
    "gate.law": _room("gate.vocabulary", pure=True),
    "gate.passage": _room("gate.vocabulary gate.law", pure=True),
    "gate.passage.interlock": _room(
        "gate.vocabulary gate.passage.commands gate.passage.events gate.passage.phases",
        never="gate.passage.step",
        pure=True,
    ),
    # 2: what turns around them
    "gate.config": _room(VOCABULARY),
    "gate.ports": _room(VOCABULARY, "numpy"),
    "gate.selftest": _room("gate.vocabulary gate.ports"),
    "gate.effects": _room(
        "gate.vocabulary gate.passage gate.law gate.ports gate.selftest", "structlog"
    ),
    "gate.runner": _room(
        "gate.vocabulary gate.passage gate.law gate.effects gate.ports", "structlog"
    ),
    "gate.daily": _room(),
    "gate.watchdog": _room(),
    "gate.occupancy": _room("gate.runner gate.passage gate.vocabulary gate.law gate.effects"),
    "gate.metrics": _room(
        "gate.vocabulary gate.passage gate.law gate.effects gate.runner", "prometheus_client"
    ),
    "gate.metrics_page": _room(),
    "gate.upkeep": _room(
        "gate.vocabulary gate.passage gate.ports gate.config gate.compose gate.daily gate.metrics "
        "gate.metrics_page gate.occupancy gate.watchdog"
    ),
    "gate.logs": _room("", "structlog"),
    "gate.view": _room("gate.vocabulary gate.passage gate.law"),
    "gate.messages": _room(),
    "gate.control": _room(
        "gate.vocabulary gate.passage gate.law gate.effects gate.ports gate.runner gate.view "
        "gate.messages"
    ),
    "gate.store": _room("gate.vocabulary gate.law gate.ports", "cryptography structlog"),
    "gate.enrolment": _room("gate.vocabulary gate.law gate.ports", "numpy structlog"),
    "gate.hall": _room("gate.vocabulary gate.passage gate.law gate.ports", "numpy matplotlib"),
    "gate.fleet": _room(
        "gate.vocabulary gate.store gate.ports",
        "cryptography structlog starlette uvicorn websockets psycopg",
    ),
    "gate.web": _room(
        "gate.vocabulary gate.passage.phases gate.ports",
        "starlette uvicorn websockets jinja2 structlog prometheus_client",
    ),
    # 3: where the parts are put together
    "gate.adapters": _room(
        "gate.vocabulary gate.ports gate.messages drivers models", "numpy structlog"
    ),
    "gate.recognition": _room(
        "gate.vocabulary gate.ports gate.adapters gate.messages models drivers",
        "numpy cv2 structlog",
    ),
    "gate.compose": Room(
        None, frozenset({"structlog"}), never=frozenset({"gate.cli", "gate.bench", "gate.hall"})
    ),
    "gate.doctor": _room("gate.vocabulary gate.config"),
    "gate.bench": Room(None, None, never=frozenset({"gate.web", "gate.cli"})),
    "gate.cli": Room(None, None),
    "gate": _room(),
    # 4: devices
    "drivers.errors": _room(),
    "drivers.link": _room("drivers", "serial"),
    "drivers.plant": _room("drivers.plant"),
    "drivers": _room("drivers"),
    "drivers.door_relay.driver_osdp": _room("drivers", "osdp"),
    "drivers.door_relay.emulator_osdp": _room("drivers", "osdp osdp_sys"),
    "drivers.door_relay.osdp_session": _room("drivers", "osdp osdp_sys"),
    "drivers.face_camera": _room("drivers", "cv2 numpy"),
    "drivers.fingerprint_reader": _room("drivers", "numpy"),
    # 5: recognition
    "models": _room("models", "numpy cv2"),
    "models.fingerprint": _room("models", "numpy cv2 numba"),
}

DEVICES = ("document_reader", "face_camera", "fingerprint_reader", "door_relay")
WHO_MAY_IMPORT_ADAPTERS = ("gate.adapters", "gate.compose", "gate.recognition", "gate.bench")
WHO_MAY_IMPORT_COMPOSE = ("gate.compose", "gate.upkeep", "gate.cli", "gate.bench")


def inside(module: str, prefix: str) -> bool:
    """Whether a dotted name is the prefix or below it (`gate.config_text` is of `gate.config`)."""
    return module == prefix or module.startswith(prefix + ".") or _is_part(module, prefix)


def _is_part(module: str, prefix: str) -> bool:
    # A room that outgrew one file: gate/config.py, gate/config_reading.py, ...
    return prefix.count(".") == 1 and module.startswith(prefix + "_")


def room_of(module: str) -> str:
    """The room of a module: the longest prefix that has an entry."""
    return max((prefix for prefix in ROOMS if inside(module, prefix)), key=len)
