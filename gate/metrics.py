"""Figures of a running gate in Prometheus' text format, from the runner's turns. Staff only.

No person, no document and no reference of one is in them, and no reason from which a ban that is
withheld from its subject could be read: a referral by a rule, by the random draw, or because a
record came in between counts alike.
"""

from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from gate.passage.commands import Alert, AuthoriseExit, CallOfficer, ClosePassage, Record
from gate.passage.events import (
    CaptureFinished,
    DeviceFailed,
    DeviceRecovered,
    ExitAuthorised,
    InterlockRefused,
)
from gate.passage.phases import Phase
from gate.runner import Turn
from gate.vocabulary.passages import CaptureKind, CaptureVerdict, Device, Outcome
from gate.vocabulary.reasons import Reason

PHASE_S = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 300.0)
COMMIT_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
BY_CHECK = frozenset(
    {Reason.LAW, Reason.RANDOM, Reason.FACTS_KEPT_CHANGING, Reason.AUTHORISATION_TIMED_OUT}
)
"""Told apart, these would show who was stopped by a record and who by chance."""
UNTOLD = frozenset({Reason.LATE_RECORD})
"""Shows that a ban came: it is in the journal, not here."""


disable_created_metrics()  # type: ignore[no-untyped-call] # when a series began is of no use and doubles the page


def word(reason: Reason) -> str:
    """The reason as the metrics tell it."""
    return "check" if reason in BY_CHECK else reason.value


@dataclass
class _Figures:
    """Every figure, made with all its labels, so that an absent one reads as 0."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        r = self.registry
        self.passages = Counter("egate_passages", "Passages by outcome.", ["outcome"], registry=r)
        self.phases = Histogram(
            "egate_phase_seconds", "Time spent in a phase.", ["phase"], buckets=PHASE_S, registry=r
        )
        self.phase = Gauge("egate_phase", "1 for the phase of now.", ["phase"], registry=r)
        self.up = Gauge("egate_device_up", "1 while a device serves.", ["device"], registry=r)
        self.failures = Counter(
            "egate_device_failures", "Failures of a device.", ["device", "kind"], registry=r
        )
        self.reconnects = Counter(
            "egate_device_reconnects", "Times it came back.", ["device"], registry=r
        )
        self.commit = Histogram(
            "egate_commit_seconds",
            "From the exit decision to its commit being told.",
            buckets=COMMIT_S,
            registry=r,
        )
        self.captures = Counter(
            "egate_captures", "Captures by verdict.", ["kind", "verdict"], registry=r
        )
        self.referrals = Counter(
            "egate_referrals", "Reasons of referrals; check: any rule.", ["reason"], registry=r
        )
        self.alerts = Counter("egate_alerts", "Alerts to staff.", ["reason"], registry=r)
        self.calls = Counter("egate_officer_calls", "Calls of an officer.", registry=r)
        self.refused = Counter(
            "egate_interlock_refusals", "Commands that the interlock refused.", registry=r
        )
        self.test_failures = Gauge(
            "egate_self_test_failures", "Failures of the last self-test.", registry=r
        )
        self.store_age = Gauge(
            "egate_store_age_seconds", "Age of the local records; NaN: never synced.", registry=r
        )
        ProcessCollector(registry=r)


class Metrics:
    """An observer of one gate's runner."""

    def __init__(self) -> None:
        self._figures = _Figures()
        self._since_s: float | None = None
        self._asked_s: float | None = None
        self._begin()

    def __call__(self, turn: Turn) -> None:
        """Count one turn."""
        self._phase(turn)
        self._event(turn)
        for command in turn.commands:
            self._command(command, turn.now.mono_s)
        for device in Device:
            self._figures.up.labels(device.value).set(device not in turn.after.failed)
        self._figures.test_failures.set(len(turn.after.test_failures))

    def text(self, now: datetime, synced_at: datetime | None) -> str:
        """The page as Prometheus reads it."""
        age_s = float("nan") if synced_at is None else (now - synced_at).total_seconds()
        self._figures.store_age.set(age_s)
        return generate_latest(self._figures.registry).decode()

    def _begin(self) -> None:
        f = self._figures
        for outcome in Outcome:
            f.passages.labels(outcome.value)
        for reason in set(Reason) - UNTOLD:
            f.referrals.labels(word(reason))
        for kind in CaptureKind:
            for verdict in CaptureVerdict:
                f.captures.labels(kind.value, verdict.value)
        for device in Device:
            f.up.labels(device.value).set(1)
            f.reconnects.labels(device.value)
        for phase in Phase:
            f.phase.labels(phase.value).set(0)

    def _phase(self, turn: Turn) -> None:
        before, after, now_s = turn.before.phase, turn.after.phase, turn.now.mono_s
        if before is after:
            return
        if self._since_s is not None:
            self._figures.phases.labels(before.value).observe(now_s - self._since_s)
        self._since_s = now_s
        self._figures.phase.labels(before.value).set(0)
        self._figures.phase.labels(after.value).set(1)

    def _event(self, turn: Turn) -> None:
        f = self._figures
        match turn.event:
            case DeviceFailed(device, kind) if device not in turn.before.failed:
                f.failures.labels(device.value, kind.value).inc()
            case DeviceRecovered(device):
                f.reconnects.labels(device.value).inc()
            case CaptureFinished(_, kind, result):
                f.captures.labels(kind.value, result.verdict.value).inc()
            case ExitAuthorised() if self._asked_s is not None:
                f.commit.observe(turn.now.mono_s - self._asked_s)
                self._asked_s = None
            case InterlockRefused():
                f.refused.inc()

    def _command(self, command: object, now_s: float) -> None:
        f = self._figures
        match command:
            case ClosePassage(_, outcome, _):
                f.passages.labels(outcome.value).inc()
            case AuthoriseExit():
                self._asked_s = now_s
            case CallOfficer():
                f.calls.inc()
            case Alert(reason, _) if reason not in UNTOLD:
                f.alerts.labels(word(reason)).inc()
            case Record("referred", _, data):
                told = {word(Reason(reason)) for reason in data["reasons"]}
                for name in told:
                    f.referrals.labels(name).inc()
