"""Bans, extensions, notices and objections before they are stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import NOON, ban, outcome, store

ACCEPTED, FLAGGED, REJECTED = "record_accepted", "record_flagged", "record_rejected"


def judged(**changes: Any) -> tuple[str, list[str], bool | None]:
    """Outcome, ids and whether the gate refers, of a ban with changes."""
    decision = store("validate_ban", ban=ban(**changes))
    return decision.outcome.value, sorted(decision.rule_ids), decision.gate_blocks


@pytest.mark.parametrize(
    ("ground", "amounts", "rule_id", "doubtful"),
    [
        ("4(1)3", {"fine": 10_000_000}, None, False),
        ("4(1)3", {"fine": 9_999_999}, "DEP-BAN-03", False),
        ("4(1)3", {"surcharge": 20_000_000}, None, False),
        ("4(1)3", {"surcharge": 19_999_999}, "DEP-BAN-03", False),
        ("4(1)3", {"fine": 9_999_999, "surcharge": 19_999_999}, "DEP-BAN-03", False),
        ("4(1)3", None, "DEP-BAN-03", False),
        ("4(1)3", {"national_tax": 90_000_000}, "DEP-BAN-03", False),
        ("4(1)4", {"national_tax": 50_000_000}, None, False),
        ("4(1)4", {"customs": 50_000_000}, None, False),
        ("4(1)4", {"local_tax": 50_000_000}, None, False),
        ("4(1)4", {"local_tax": 49_999_999}, "DEP-BAN-04", False),
        ("4(1)4", {"customs": 49_999_999}, "DEP-BAN-04", False),
        ("4(1)4", {"national_tax": 49_999_999}, "DEP-BAN-04", False),
        ("4(1)4", {"fine": 90_000_000}, "DEP-BAN-04", False),
        ("4(1)4", {"national_tax": 20_000_000, "customs": 20_000_000, "local_tax": 10_000_000}, "DEP-BAN-04", True),
        ("4(1)4", {"national_tax": 20_000_000, "customs": 20_000_000, "local_tax": 9_999_999}, "DEP-BAN-04", False),
        ("4(1)1", {"fine": 1}, None, False),
    ],
)  # fmt: skip
def test_thresholds(
    ground: str, amounts: dict[str, int] | None, rule_id: str | None, doubtful: bool
) -> None:
    """The amount itself suffices; below it a request is rejected and a decision flagged."""
    found = [rule_id] if rule_id else []
    decided = FLAGGED if found else ACCEPTED
    requested = ACCEPTED if not found else FLAGGED if doubtful else REJECTED
    facts = {"ground": ground, "amounts": amounts}
    assert judged(**facts) == (decided, found, True)
    assert judged(**facts, record_type="request") == (requested, found, False)


@pytest.mark.parametrize(
    ("ground", "last_day", "rule_id"),
    [
        ("4(1)1", "2031-08-31", None),
        ("4(1)1", "2031-09-01", "DEP-BAN-13"),
        ("4(1)2", "2031-09-01", "DEP-BAN-13"),
        ("4(1)5", "2031-09-01", "DEP-BAN-13"),
        ("4(2)", "2031-03-31", None),
        ("4(2)", "2031-04-01", "DEP-BAN-06"),
        ("4(2)1", "2031-05-31", None),
        ("4(2)1", "2031-06-01", "DEP-BAN-07"),
        ("4(2)2", "2031-04-15", None),
        ("4(2)2", "2031-04-16", "DEP-BAN-08"),
        ("29(1)", "2039-01-01", None),
    ],
)
def test_caps(ground: str, last_day: str, rule_id: str | None) -> None:
    """The last day of the cap is allowed; over it each ground reports its own id, a request one."""
    facts = {"ground": ground, "last_day": last_day, "warrant_valid_until": "2031-04-15"}
    if rule_id is None:
        assert judged(**facts) == (ACCEPTED, [], True)
        assert judged(**facts, record_type="request") == (ACCEPTED, [], False)
    else:
        assert judged(**facts) == (FLAGGED, [rule_id], True)
        assert judged(**facts, record_type="request") == (REJECTED, ["DEP-BAN-12"], False)


def test_warrant_without_its_end_is_flagged() -> None:
    """A ban as long as a warrant cannot be judged without the end of the warrant."""
    assert judged(ground="4(2)2") == (FLAGGED, ["DEP-BAN-08"], True)


@pytest.mark.parametrize(
    ("changes", "request_result", "decision_result"),
    [
        ({"grounds_stated": False}, (REJECTED, ["DEP-BAN-11"]), (ACCEPTED, [])),
        ({"documents": False}, (REJECTED, ["DEP-BAN-11"]), (ACCEPTED, [])),
        ({"requester_level": "si_gun_gu_head"}, (REJECTED, ["DEP-BAN-11"]), (ACCEPTED, [])),
        ({"requester_level": "provincial_head"}, (ACCEPTED, []), (ACCEPTED, [])),
        ({"last_day": None}, (REJECTED, ["DEP-BAN-11"]), (FLAGGED, ["DEP-BAN-11"])),
        ({"grounds_stated": True, "documents": True}, (ACCEPTED, []), (ACCEPTED, [])),
        (
            {"documents": False, "ground": "4(2)", "last_day": "2031-04-01"},
            (REJECTED, ["DEP-BAN-11", "DEP-BAN-12"]),
            (FLAGGED, ["DEP-BAN-06"]),
        ),
        (
            {"ground": "4(1)4", "documents": False, "amounts": {"customs": 30_000_000, "local_tax": 30_000_000}},
            (REJECTED, ["DEP-BAN-04", "DEP-BAN-11"]),
            (FLAGGED, ["DEP-BAN-04"]),
        ),
    ],
)  # fmt: skip
def test_form(
    changes: dict[str, Any],
    request_result: tuple[str, list[str]],
    decision_result: tuple[str, list[str]],
) -> None:
    """A request has to be in form, absent fields count as in order; a decision needs its period."""
    assert judged(**changes, record_type="request")[:2] == request_result
    assert judged(**changes)[:2] == decision_result


def test_last_day_is_computed() -> None:
    """The answer states the last day, given or counted."""
    assert store("validate_ban", ban=ban()).values_by_name == {"last_day": "2031-03-20"}
    counted = ban(last_day=None, unit="day", length=5)
    assert store("validate_ban", ban=counted).values_by_name == {"last_day": "2031-03-05"}
    assert store("validate_ban", ban=ban(last_day=None)).values == ()


RUNNING = ban(ground="4(2)", start_date="2031-01-15", last_day="2031-02-14")


@pytest.mark.parametrize(
    ("extension", "expected", "last_day"),
    [
        ({"decided_at": "2031-02-14T23:59:59+09:00", "unit": "month", "length": 1}, (ACCEPTED, []), "2031-03-14"),
        ({"decided_at": "2031-02-15T00:00:00+09:00", "last_day": "2031-03-14"}, (FLAGGED, ["DEP-EXT-05"]), "2031-03-14"),
        ({"decided_at": "2031-02-14T10:00:00+09:00", "last_day": "2031-03-15"}, (FLAGGED, ["DEP-EXT-03"]), "2031-03-15"),
        ({"decided_at": "2031-02-15T00:00:00+09:00", "last_day": "2031-03-15"}, (FLAGGED, ["DEP-EXT-03", "DEP-EXT-05"]), "2031-03-15"),
        ({"decided_at": "2031-02-14T10:00:00+09:00", "unit": "day", "length": 28}, (ACCEPTED, []), "2031-03-14"),
        ({"decided_at": "2031-02-14T10:00:00+09:00", "unit": "day", "length": 29}, (FLAGGED, ["DEP-EXT-03"]), "2031-03-15"),
        ({"decided_at": "2031-02-14T10:00:00+09:00"}, (FLAGGED, ["DEP-BAN-11"]), None),
        ({"record_type": "request", "last_day": "2031-03-14"}, (ACCEPTED, []), "2031-03-14"),
        ({"record_type": "request", "last_day": "2031-03-15"}, (REJECTED, ["DEP-EXT-07"]), "2031-03-15"),
        ({"record_type": "request", "last_day": "2031-03-14", "grounds_stated": False}, (REJECTED, ["DEP-EXT-06"]), "2031-03-14"),
        ({"record_type": "request", "last_day": "2031-03-14", "documents": False}, (REJECTED, ["DEP-EXT-06"]), "2031-03-14"),
        ({"record_type": "request"}, (REJECTED, ["DEP-EXT-06"]), None),
    ],
)  # fmt: skip
def test_extensions(
    extension: dict[str, Any], expected: tuple[str, list[str]], last_day: str | None
) -> None:
    """An extension chains, stays within the cap by itself, and comes before the end."""
    decision = store("validate_extension", ban=RUNNING, extension=extension)
    assert (decision.outcome.value, sorted(decision.rule_ids)) == expected
    assert decision.values_by_name.get("last_day") == last_day
    assert decision.gate_blocks is (extension.get("record_type") != "request")


def test_extension_chains_after_earlier_extensions() -> None:
    """The cap of a second extension counts from the end of the first."""
    first = {"decided_at": "2031-02-10T10:00:00+09:00", "last_day": "2031-03-14"}
    record = {**RUNNING, "extensions": [first]}
    second = {"decided_at": "2031-03-14T10:00:00+09:00", "unit": "month", "length": 1}
    decision = store("validate_extension", ban=record, extension=second)
    assert decision.values_by_name["last_day"] == "2031-04-14"
    assert decision.rule_ids == ()


def test_extension_is_judged_as_of_its_own_decision() -> None:
    """An extension that was decided after it is not the one that it continues."""
    other = {"decided_at": "2031-02-12T10:00:00+09:00", "last_day": "2031-03-14"}
    record = {**RUNNING, "extensions": [other]}
    earlier = {"decided_at": "2031-02-10T10:00:00+09:00", "unit": "month", "length": 1}
    decision = store("validate_extension", ban=record, extension=earlier)
    assert decision.values_by_name["last_day"] == "2031-03-14"


def test_extension_of_a_ban_without_period() -> None:
    """What has no end cannot be extended: flagged, a request rejected."""
    record = ban(last_day=None)
    extension = {"decided_at": NOON, "last_day": "2031-04-01"}
    assert outcome("validate_extension", ban=record, extension=extension) == (
        FLAGGED,
        ["DEP-BAN-11"],
    )
    assert store("validate_extension", ban=record, extension=extension).gate_blocks is True
    asked = {"record_type": "request", "last_day": "2031-04-01"}
    assert store("validate_extension", ban=record, extension=asked).gate_blocks is False
    assert outcome("validate_extension", ban=record, extension=asked) == (REJECTED, ["DEP-BAN-11"])


@pytest.mark.parametrize("where", ["operation", "ban", "extension"])
def test_a_request_may_say_so_in_three_places(where: str) -> None:
    """Wherever a record says that it is a request, it is judged as one."""
    said = {"record_type": "request"}
    inputs: dict[str, Any] = {
        "ban": {**RUNNING, **(said if where == "ban" else {})},
        "extension": {"last_day": "2031-03-15", **(said if where == "extension" else {})},
        **(said if where == "operation" else {}),
    }
    assert outcome("validate_extension", **inputs) == (REJECTED, ["DEP-EXT-07"])


def test_extension_follows_the_warrant() -> None:
    """An extension under a warrant reaches as far as the warrant."""
    record = {**RUNNING, "ground": "4(2)2", "warrant_valid_until": "2031-03-31"}
    for day, word in (("2031-03-31", ACCEPTED), ("2031-04-01", FLAGGED)):
        extension = {"decided_at": "2031-02-14T10:00:00+09:00", "last_day": day}
        assert outcome("validate_extension", ban=record, extension=extension)[0] == word


@pytest.mark.parametrize(
    ("filed_at", "word"),
    [
        ("2031-06-27T23:59:59+09:00", "timely"),
        ("2031-06-28T00:00:00+09:00", "late"),
        ("2031-06-27T15:00:00+00:00", "late"),
    ],
)
def test_extension_filing(filed_at: str, word: str) -> None:
    """The third day before the end is the last one, whole, in Seoul."""
    decision = store("extension_request", last_day="2031-06-30", filed_at=filed_at)
    assert (decision.outcome.value, decision.rule_ids) == (word, ("DEP-EXT-02",))
    assert decision.values_by_name == {"latest_filing_day": "2031-06-27"}


@pytest.mark.parametrize(
    ("decision", "ground", "last_day", "expected"),
    [
        ("prohibition", None, "2031-03-20", ("notice_required", ["DEP-NOT-01"])),
        ("extension", None, "2031-03-20", ("notice_required", ["DEP-NOT-01"])),
        ("revocation", None, "2031-03-20", ("notice_required", ["DEP-NOT-02"])),
        ("revocation", "4-4(3)1", "2031-03-20", ("notice_required", ["DEP-NOT-02"])),
        ("prohibition", "4-4(3)1", "2039-01-01", ("notice_excluded", ["DEP-NOT-03"])),
        ("prohibition", "4-4(3)3", "2039-01-01", ("notice_excluded", ["DEP-NOT-05"])),
        ("prohibition", "4-4(3)2", "2031-05-31", ("notice_excluded", ["DEP-NOT-04"])),
        ("prohibition", "4-4(3)2", "2031-06-01", ("notice_required", ["DEP-NOT-04"])),
        ("extension", "4-4(3)2", "2031-06-01", ("notice_required", ["DEP-NOT-04"])),
        ("prohibition", "4-4(3)2", None, ("notice_required", ["DEP-NOT-04"])),
    ],
)
def test_notice(
    decision: str, ground: str | None, last_day: str | None, expected: tuple[str, list[str]]
) -> None:
    """One id decides: revocation, no ground, or the ground, of which hindrance ends after three months."""
    inputs = {"decision": decision, "exclusion_ground": ground, "last_day": last_day}
    assert outcome("notice_decision", start_date="2031-03-01", **inputs) == expected
    values = store("notice_decision", start_date="2031-03-01", **inputs).values_by_name
    assert values == {"three_month_last_day": "2031-05-31"}
    unknown_start = {
        "decision": "prohibition",
        "exclusion_ground": "4-4(3)2",
        "last_day": "2031-05-01",
    }
    assert outcome("notice_decision", **unknown_start)[0] == "notice_required"


@pytest.mark.parametrize(
    ("received", "aware", "filed_at", "holidays", "word", "last_day"),
    [
        ("2031-03-03", None, "2031-03-13T23:59:59+09:00", [], "timely", "2031-03-13"),
        ("2031-03-03", None, "2031-03-14T00:00:00+09:00", [], "late", "2031-03-13"),
        (None, "2031-03-03", "2031-03-13T12:00:00+09:00", [], "timely", "2031-03-13"),
        ("2031-03-05", None, "2031-03-15T12:00:00+09:00", [], "timely", "2031-03-15"),
        ("2031-03-05", None, "2031-03-17T12:00:00+09:00", [], "flag_officer", "2031-03-15"),
        ("2031-03-05", None, "2031-03-18T12:00:00+09:00", [], "late", "2031-03-15"),
        ("2031-03-05", None, "2031-03-18T12:00:00+09:00", ["2031-03-17"], "flag_officer", "2031-03-15"),
        ("2031-03-06", None, "2031-03-17T12:00:00+09:00", [], "flag_officer", "2031-03-16"),
        ("2031-03-03", None, "2031-03-14T12:00:00+09:00", ["2031-03-13"], "flag_officer", "2031-03-13"),
        ("2031-03-03", "2031-03-05", "2031-03-15T12:00:00+09:00", [], "flag_officer", "2031-03-13"),
        ("2031-03-05", "2031-03-03", "2031-03-15T12:00:00+09:00", [], "flag_officer", "2031-03-13"),
        ("2031-03-03", "2031-03-05", "2031-03-16T12:00:00+09:00", [], "late", "2031-03-13"),
        ("2031-03-03", "2031-03-05", "2031-03-13T12:00:00+09:00", [], "timely", "2031-03-13"),
    ],
)  # fmt: skip
def test_objection_filing(
    received: str | None,
    aware: str | None,
    filed_at: str,
    holidays: list[str],
    word: str,
    last_day: str,
) -> None:
    """Day ten is timely; what only a weekend, a holiday or the other start covers is an officer's."""
    inputs = {"notice_received_on": received, "aware_on": aware, "holidays": holidays}
    decision = store("objection_filing", filed_at=filed_at, **inputs)
    assert (decision.outcome.value, decision.rule_ids) == (word, ("DEP-OBJ-01",))
    assert decision.values_by_name == {"last_filing_day": last_day}


@pytest.mark.parametrize(
    ("times", "at", "word", "due"),
    [
        (0, "2031-03-20T23:59:59+09:00", "timely", "2031-03-20"),
        (0, "2031-03-21T00:00:00+09:00", "late", "2031-03-20"),
        (1, "2031-04-04T12:00:00+09:00", "timely", "2031-04-04"),
        (1, "2031-04-05T12:00:00+09:00", "late", "2031-04-04"),
        (2, "2031-03-06T12:00:00+09:00", "record_rejected", None),
    ],
)
def test_objection_decision(times: int, at: str, word: str, due: str | None) -> None:
    """Fifteen days, extended once by fifteen; a second extension is rejected."""
    inputs = {"filed_on": "2031-03-05", "extended_times": times}
    decision = store("objection_decision_deadline", at, **inputs)
    assert (decision.outcome.value, decision.rule_ids) == (word, ("DEP-OBJ-02",))
    assert decision.values_by_name.get("decision_due") == due


@pytest.mark.parametrize(
    ("start", "unit", "length", "rule_id", "last_day", "refer_through"),
    [
        ("2031-05-01", "day", 1, "DEP-PER-01", "2031-05-01", "2031-05-01"),
        ("2031-05-01", "day", 3, "DEP-PER-01", "2031-05-03", "2031-05-03"),
        ("2031-01-01", "month", 1, "DEP-PER-02", "2031-01-31", "2031-02-01"),
        ("2031-01-29", "month", 1, "DEP-PER-02", "2031-02-28", "2031-02-28"),
        ("2032-01-29", "month", 1, "DEP-PER-02", "2032-02-28", "2032-02-29"),
        ("2032-01-31", "month", 1, "DEP-PER-02", "2032-02-29", "2032-02-29"),
        ("2031-12-01", "month", 1, "DEP-PER-02", "2031-12-31", "2032-01-01"),
        ("2031-10-31", "month", 13, "DEP-PER-02", "2032-11-30", "2032-11-30"),
    ],
)
def test_period_arithmetic(
    start: str, unit: str, length: int, rule_id: str, last_day: str, refer_through: str
) -> None:
    """Days count the first one; months end on the eve of the corresponding day or at month's end."""
    decision = store("period_last_day", start_date=start, unit=unit, length=length)
    assert decision.rule_ids == (rule_id,)
    assert decision.values_by_name == {"last_day": last_day, "gate_refer_through": refer_through}


def test_stated_last_day_is_its_own_period() -> None:
    """A stated last day needs no counting."""
    decision = store(
        "period_last_day", start_date="2031-05-01", last_day="2031-05-09", unit="month", length=1
    )
    assert decision.values_by_name == {"last_day": "2031-05-09", "gate_refer_through": "2031-05-09"}
    assert decision.rule_ids == ("DEP-PER-01",)


def test_naive_instant_is_refused() -> None:
    """An operation at an instant without offset is refused."""
    with pytest.raises(ValueError, match="offset"):
        store("validate_ban", "2031-03-10T12:00:00", ban=ban())


def test_an_extension_request_out_of_form_is_refused_whenever_it_came() -> None:
    """Without grounds or documents the filing day does not matter; absent fields are in order."""
    filed = {"last_day": "2031-06-30", "filed_at": "2031-06-27T10:00:00+09:00"}
    refused = ("record_rejected", ["DEP-EXT-06"])
    assert outcome("extension_request", **filed, grounds_stated=False) == refused
    assert outcome("extension_request", **filed, documents=False) == refused
    in_form = {"grounds_stated": True, "documents": True}
    assert outcome("extension_request", **filed, **in_form) == ("timely", ["DEP-EXT-02"])
