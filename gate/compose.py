"""The composition root of a gate: which adapter stands behind which port, from the config."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Protocol

from gate.adapters.dry_doors import DryDoors
from gate.adapters.officer_lamp import OfficerLamp
from gate.adapters.recognition_worker import WorkerRecognition
from gate.compose_devices import door_board, reader
from gate.config import Config
from gate.passage.phases import GateState, Settings
from gate.ports import (
    Clock,
    DeviceError,
    DocumentReader,
    Doors,
    Ports,
    Recognition,
    Staff,
    TravellerScreen,
)
from gate.runner import Runner
from gate.store import Durability, SiteKeys, SpaceLimits, Store
from gate.store.port import StorePort
from gate.vocabulary.parameters import Parameters, parameters_from, with_least_evidence
from gate.vocabulary.passages import Door, PassageId
from gate.vocabulary.reasons import Reason
from gate.vocabulary.records import Evidence
from gate.vocabulary.screens import Screen


@dataclass
class Gate:
    """A composed gate; `await gate.runner.run()` runs it, `close` lets go of its devices."""

    runner: Runner
    ports: Ports
    store: StorePort
    _closers: tuple[Callable[[], Awaitable[None]], ...]

    async def lock_doors(self) -> None:
        """End every release, as far as the board still listens: it would end them itself."""
        for door in Door:
            with suppress(DeviceError):
                await self.ports.doors.lock(door)

    async def drop_devices(self) -> None:
        """Let go of the devices' ports."""
        for closer in self._closers:
            await closer()

    async def close(self) -> None:
        """Let go of the devices, then of the store with everything committed."""
        await self.drop_devices()
        await self.store.close()


class ClosableReader(DocumentReader, Protocol):
    """A document reader that lets its device go."""

    async def close(self) -> None:
        """Closing twice is fine."""
        ...


def compose(
    config: Config,
    *,
    clock: Clock,
    recognition: Recognition,
    staff: Staff,
    screen: TravellerScreen,
    store: StorePort,
    rng: random.Random,
    documents: ClosableReader | None = None,
    dry_run: bool = False,
) -> Gate:
    """Build the gate that the config describes. `documents`: a reader that no config can name."""
    documents = documents or reader(config, lambda: clock.utc().date())
    board = door_board(config)
    doors: Doors = DryDoors(board) if dry_run else board
    lit = OfficerLamp(staff, board.signal)
    ports = Ports(documents, doors, recognition, store, lit, screen, clock)
    state = GateState(settings_of(config, parameters_of(config)))
    rate = config.policy.random_referral_rate
    runner = Runner(
        state,
        ports,
        draw_referral=lambda: rng.random() < rate,
        commit_slow_s=config.policy.commit_slow_s,
    )
    return Gate(runner, ports, store, (documents.close, board.close))


def compose_live(
    config: Config, recognition: Recognition, panel: "Panel", *, dry_run: bool = False
) -> Gate:
    """The gate on the machine's own clocks, with its own store. Needs a running loop."""
    clock = SystemClock(asyncio.get_running_loop().time)
    keys = SiteKeys.from_file(config.store_key_path)
    return compose(
        config,
        clock=clock,
        recognition=recognition,
        staff=panel,
        screen=panel,
        store=store_port(config, keys, clock.utc),
        rng=random.SystemRandom(),
        dry_run=dry_run,
    )


def recognition_worker(config: Config) -> Recognition:
    """The worker in its own process, `egate recognise` with the same configuration."""
    return WorkerRecognition(Path(config.recognition_address.removeprefix("unix:")))


@dataclass
class Panel:
    """The traveller's screen and the officer's call lamp, as the last word on each."""

    shown: Screen = Screen.CLOSED
    called: bool = False
    reasons: tuple[Reason, ...] = ()
    alerts: list[Reason] = field(default_factory=list)

    def show(self, screen: Screen) -> None:
        """Replace what stands there."""
        self.shown = screen

    def call(self, passage: PassageId | None, reasons: tuple[Reason, ...]) -> None:
        """An officer is wanted."""
        self.called, self.reasons = True, reasons

    def dismiss(self) -> None:
        """Answered."""
        self.called, self.reasons = False, ()

    def alert(self, reason: Reason, passage: PassageId | None) -> None:
        """For the record; the journal holds it with its passage."""
        self.alerts = [*self.alerts[-99:], reason]


def settings_of(config: Config, parameters: Parameters) -> Settings:
    """What the core has to know of the config."""
    return Settings(topology=config.gate.topology, timings=config.timings, parameters=parameters)


def parameters_of(config: Config) -> Parameters:
    """The law's numbers: the configured file, or the one that comes with the rules.

    Where `policy.authenticity_evidence` demands more than they do, it counts.
    """
    if config.law.parameters:
        text = Path(config.law.parameters).read_text(encoding="utf-8")
    else:
        shipped = resources.files("gate.law").joinpath("parameters.toml")
        text = shipped.read_text(encoding="utf-8")
    demanded = Evidence(config.policy.authenticity_evidence.value)
    article = "gate.toml, policy.authenticity_evidence"
    return with_least_evidence(parameters_from(text), demanded, article)


class SystemClock:
    """The machine's clocks."""

    def __init__(self, mono_s: Callable[[], float]) -> None:
        self._mono_s = mono_s

    def mono_s(self) -> float:
        """The running loop's time."""
        return self._mono_s()

    def utc(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC)


def store_port(
    config: Config,
    keys: SiteKeys,
    utc_now: Callable[[], datetime],
    *,
    threaded: bool = True,
    durability: Durability = Durability.POWER_LOSS,
) -> StorePort:
    """The gate's own store behind its port; opened when the gate starts."""

    def opener() -> Store:
        return Store.open(
            config.store_path,
            keys=keys,
            utc_now=utc_now,
            gate_id=config.gate.id,
            max_age_min=config.store.max_age_min,
            limits=SpaceLimits(config.store.reserve_fraction),
            durability=durability,
        )

    return StorePort(
        opener,
        direction=config.gate.direction.value,
        utc_now=utc_now,
        parameters=parameters_of(config),
        threaded=threaded,
    )
