"""What the law answers: decisions at a gate, at the enrolment desk and on store operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Stage(Enum):
    """The check point at which the law is asked."""

    ENTRY = "entry"
    EXIT = "exit"
    ENROLMENT = "enrolment"


class Verdict(Enum):
    """A gate never refuses anybody: it admits, or refers to an officer."""

    ADMIT = "admit"
    REFER = "refer"


class TravellerMessage(Enum):
    """The one neutral text that a referred traveller or applicant sees (Act 4-4(3))."""

    REFER_GENERIC = "REFER_GENERIC"
    ENROL_GENERIC = "ENROL_GENERIC"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that blocks, or on an admission one that carries it.

    `facts_used`: `path=value` texts, without names, document numbers or other personal text.
    """

    rule_id: str
    article: str
    facts_used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleBase:
    """Which rules answered: hash and version of the parameters, version of the rule set."""

    parameters_hash: str
    parameters_version: str
    rule_set_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _GateDecision:
    verdict: Verdict
    findings: tuple[Finding, ...]
    primary_rule: str | None
    grounds: tuple[Finding, ...]
    traveller_message: TravellerMessage | None
    document_examined: bool
    at: datetime
    rule_base: RuleBase

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Ids of all findings in the order staff see them."""
        return tuple(finding.rule_id for finding in self.findings)

    @property
    def admitted(self) -> bool:
        """Whether nothing blocks."""
        return self.verdict is Verdict.ADMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDecision(_GateDecision):
    """The answer before the entry door, with the live captures still to come.

    `verdict`: admit or refer. `findings`: all blocking rules, the primary one first.
    `primary_rule`: by GATE-PRI-01, None on admission. `grounds`: what carries an admission.
    `traveller_message`: None on admission. `document_examined`: something vouched for the
    passport; else it was only a key to the enrolment. `at`: aware instant of the check.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitDecision(_GateDecision):
    """The answer before the exit door; the fields are those of `EntryDecision`.

    Only this type, of the same passage, may release an exit.
    """


class EnrolmentVerdict(Enum):
    """What the enrolment desk is told."""

    ACCEPT = "accept_enrolment"
    DENY = "deny_enrolment"
    REFER = "refer"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentDecision:
    """The answer at the enrolment desk; findings hold deny and refer rules together."""

    verdict: EnrolmentVerdict
    findings: tuple[Finding, ...]
    grounds: tuple[Finding, ...]
    traveller_message: TravellerMessage | None
    at: datetime
    rule_base: RuleBase

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Ids of all findings."""
        return tuple(finding.rule_id for finding in self.findings)


class RecordOutcome(Enum):
    """What becomes of a record or a filing in the store."""

    ACCEPTED = "record_accepted"
    REJECTED = "record_rejected"
    FLAGGED = "record_flagged"
    QUARANTINED = "record_quarantined"
    IN_FORCE = "in_force"
    REVOCATION_DUE = "revocation_due"
    REVOKED = "revoked"
    LAPSED = "lapsed"
    IS_QUARANTINED = "quarantined"
    IS_REJECTED = "rejected"
    TIMELY = "timely"
    LATE = "late"
    FLAG_OFFICER = "flag_officer"
    NOTICE_REQUIRED = "notice_required"
    NOTICE_EXCLUDED = "notice_excluded"
    COMPUTED = "computed"
    RETURN_BOND = "return_bond"
    FULL_FORFEIT_ALLOWED = "full_forfeit_allowed"
    PARTIAL_FORFEIT_ALLOWED = "partial_forfeit_allowed"


@dataclass(frozen=True, slots=True)
class StoreDecision:
    """The answer on one life-cycle operation of the store.

    `values`: computed dates and instants as ISO texts, by name. `gate_blocks`: whether the
    record makes the gate refer while its days run; None where the question has no sense.
    """

    outcome: RecordOutcome
    findings: tuple[Finding, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    gate_blocks: bool | None = None

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Ids of all findings."""
        return tuple(finding.rule_id for finding in self.findings)

    @property
    def values_by_name(self) -> dict[str, str]:
        """The computed values as a mapping."""
        return dict(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckReport:
    """GATE-RECHK-01: both checks of one passage, and whether a record came too late.

    `first_check`: the entry decision; `exit_check`: the exit decision, which is the first one's
    refusal where that already referred. `post_alert`: a record received after the exit check
    would have blocked; staff must know, the outcome stays.
    """

    first_check: EntryDecision
    exit_check: ExitDecision
    post_alert: bool
