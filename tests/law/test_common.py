"""Freshness of the store, evidence for the passport, the check points, the neutral message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gate.law import decide
from gate.vocabulary.decisions import EntryDecision, ExitDecision, Stage, TravellerMessage
from gate.vocabulary.facts import facts_from
from tests.law.world import NOON, NUMBERS, alien, ban, exit_decision, grounds, ids, national


@pytest.mark.parametrize(
    ("synced_at", "expected"),
    [
        ("2031-03-10T11:50:00+09:00", []),
        ("2031-03-10T11:49:59+09:00", ["GATE-DATA-01"]),
        ("2031-03-10T12:00:00+09:00", []),
        ("2031-03-10T12:00:01+09:00", ["GATE-DATA-01"]),
        ("2031-03-10T02:50:00+00:00", []),
        (None, ["GATE-DATA-01"]),
    ],
)
def test_store_age(synced_at: str | None, expected: list[str]) -> None:
    """Exactly at its limit the store is fresh; older, unknown or from the future it is not."""
    facts = {"store__synced_at": synced_at, "store__max_age_min": 10}
    assert ids(national(**facts)) == expected
    assert ids(alien(**facts)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"store": None}, ["GATE-DATA-01"]),
        ({"policy": {"max_age_min": 11}}, []),
        ({"policy": {"max_age_min": 9}}, ["GATE-DATA-01"]),
        ({"policy": {}}, []),
        ({}, []),
    ],
)
def test_age_limit_falls_back(changes: dict[str, Any], expected: list[str]) -> None:
    """Without its own limit the store takes the policy's, then that of the parameters."""
    store = {"synced_at": "2031-03-10T11:50:00+09:00"}
    assert ids(national(**{"store": store, **changes})) == expected


def test_parameter_limit_is_inclusive() -> None:
    """One second past the limit of the parameters is too old."""
    store = {"synced_at": "2031-03-10T11:49:59+09:00"}
    assert ids(national(store=store)) == ["GATE-DATA-01"]


@pytest.mark.parametrize(
    ("policy", "examined_by", "authenticity", "expected"),
    [
        ("none", "none", "not_examined", []),
        ("reader", "none", "not_examined", ["GATE-DOC-01"]),
        ("reader", "none", "ok", ["GATE-DOC-01"]),
        ("reader", "reader", "ok", []),
        ("reader", "chip", "ok", []),
        ("reader", "chip", "not_examined", ["GATE-DOC-01"]),
        ("chip", "reader", "ok", ["GATE-DOC-01"]),
        ("chip", "chip", "ok", []),
        ("none", "chip", "suspect", ["FORG-01"]),
    ],
)
def test_evidence_for_the_passport(
    policy: str, examined_by: str, authenticity: str, expected: list[str]
) -> None:
    """A passport less examined than the policy asks for counts as unreadable."""
    facts = national(
        policy={"authenticity_evidence": policy},
        passport__examined_by=examined_by,
        passport__authenticity=authenticity,
    )
    assert ids(facts) == expected


def test_decision_says_whether_the_passport_was_examined() -> None:
    """Under the policy `none` an unexamined passport is only a key, and the decision says so."""
    assert exit_decision(national()).document_examined
    unexamined = exit_decision(national(passport__authenticity="not_examined"))
    assert unexamined.admitted
    assert not unexamined.document_examined
    assert not exit_decision(national(passport=None)).document_examined


def _decide(facts: dict[str, Any], stage: Stage) -> EntryDecision | ExitDecision:
    return decide(facts_from(facts), datetime.fromisoformat(NOON), stage, NUMBERS)


def test_captures_to_come_suspend_only_the_live_rules() -> None:
    """At the entry check missing captures do not refer; everything else is asked already."""
    waiting = national(live="not_yet_captured")
    assert isinstance(_decide(waiting, Stage.ENTRY), EntryDecision)
    assert _decide(waiting, Stage.ENTRY).admitted
    assert isinstance(_decide(waiting, Stage.EXIT), ExitDecision)
    assert _decide(waiting, Stage.EXIT).rule_ids == ("GATE-BIO-01",)
    banned = national(live="not_yet_captured", departure_bans=[ban()])
    assert _decide(banned, Stage.ENTRY).rule_ids == ("DEP-BAN-10",)


def test_unknown_captures_are_not_captures_to_come() -> None:
    """A capture that timed out refers at the entry check too."""
    assert _decide(national(live=None), Stage.ENTRY).rule_ids == ("GATE-BIO-01",)


def test_captures_to_come_suspend_the_live_limb_of_deeming() -> None:
    """Before the captures a deemed template counts; after a failed one it does not."""
    deemed = {"enrolment": None, "consents": [], "biometric_sources": ["art38"]}
    assert _decide(alien(live="not_yet_captured", **deemed), Stage.ENTRY).admitted
    failed = {"live__face_match": False}
    assert set(_decide(alien(**deemed, **failed), Stage.EXIT).rule_ids) == {"AGT-03", "GATE-BIO-01"}


@pytest.mark.parametrize("reason", [{"departure_bans": [ban()]}, {"passport__usage": "single"}])
def test_one_message_for_every_reason(reason: dict[str, Any]) -> None:
    """The traveller sees the same text for a ban as for a single-use passport."""
    decision = exit_decision(national(**reason))
    assert decision.traveller_message is TravellerMessage.REFER_GENERIC


def test_findings_carry_article_and_facts_but_no_personal_text() -> None:
    """A finding names its article and the facts used, never a name or a document number."""
    facts = national(departure_bans=[ban()], passport__usage="single", passport__number="K99X77")
    decision = exit_decision(facts)
    assert [finding.article for finding in decision.findings] == [
        "Act 4(4)",
        "Ordinance 1-2(1)1; Act 3(1), 6(1)",
    ]
    assert decision.findings[0].facts_used == ("departure_bans[b-1]=in force",)
    assert "K99X77" not in repr(decision)
    assert "HONG" not in repr(decision)


def test_decision_names_its_numbers() -> None:
    """Hash and version of the parameters and the version of the rules stand in the decision."""
    base = exit_decision(national()).rule_base
    assert base.parameters_hash == NUMBERS.text_hash
    assert base.parameters_version == NUMBERS.version
    assert base.rule_set_version


def test_gate_without_direction_and_desk_stage_are_refused() -> None:
    """A gate check needs a direction; the desk has a function of its own; instants need offsets."""
    with pytest.raises(ValueError, match="direction"):
        exit_decision(national(None))
    with pytest.raises(ValueError, match="decide_enrolment"):
        _decide(national(), Stage.ENROLMENT)
    with pytest.raises(ValueError, match="offset"):
        exit_decision(national(), "2031-03-10T12:00:00")


@pytest.mark.parametrize(
    "kind",
    ["departure_bans", "emergency_bans", "entry_bans", "deportations", "penalties", "consents"],
)
def test_records_received_later_are_not_seen(kind: str) -> None:
    """A record counts from the instant of its receipt on, that instant included."""
    records: dict[str, dict[str, Any]] = {
        "departure_bans": ban(),
        "emergency_bans": {"request_id": "e", "requested_at": "2031-03-10T09:00:00+09:00"},
        "entry_bans": {"id": "x", "ground": "11(1)3", "from": "2031-01-01"},
        "deportations": {"departed_on": "2030-01-01"},
        "penalties": {"amount_krw": 9_000_000, "decided_on": "2031-01-01", "paid_on": "2031-01-02"},
        "consents": {"kind": "self", "given_at": "2030-02-01T09:00:00+09:00"},
    }
    known = ids(alien(**{kind: [{**records[kind], "received_at": NOON}]}))
    later = ids(alien(**{kind: [{**records[kind], "received_at": "2031-03-10T12:00:01+09:00"}]}))
    expected = ids(alien(**{kind: []}))
    assert later == expected
    assert known != expected


def test_single_records_received_later_are_not_seen() -> None:
    """An enrolment, a registration, a landing or a policy counts from its receipt on."""
    late = "2031-03-10T12:00:01+09:00"
    assert ids(national(enrolment__received_at=late)) == ["NGT-02"]
    assert ids(national(enrolment__received_at=NOON)) == []
    assert "AGT-02" in ids(alien("departure", alien_registration__received_at=late))
    mixed = [ban(received_at=late), ban(ban_id="b-2")]
    assert ids(national(departure_bans=mixed)) == ["DEP-BAN-10"]


def test_grounds_only_on_admission() -> None:
    """A refusal lists what blocks, an admission what it rests on."""
    assert exit_decision(national(live=None)).grounds == ()
    assert exit_decision(national()).findings == ()
    assert grounds(national())
