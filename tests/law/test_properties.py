"""Three properties: bans only add, unknown never beats known-clear, revocation is narrow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.law.spoilers import GROUPS, traveller
from tests.law.world import NOON, alien, ban, emergency, exit_decision, ids, national

TODAY = date(2031, 3, 10)
days = st.integers(min_value=-400, max_value=400).map(lambda n: str(TODAY + timedelta(days=n)))
instants = days.map(lambda day: f"{day}T12:00:00+09:00")
bans = st.fixed_dictionaries(
    {
        "ban_id": st.sampled_from(["a", "b", "c"]),
        "ground": st.sampled_from(["4(1)1", "4(2)", "29(1)"]),
        "start_date": days,
    },
    optional={"last_day": days, "revoked_at": instants},
)
requests = st.fixed_dictionaries(
    {"request_id": st.sampled_from(["a", "b"]), "requested_at": instants},
    optional={
        "approval_lodged_at": instants,
        "revoked_at": instants,
        "intake_state": st.sampled_from(["active", "quarantined", "rejected"]),
    },
)
entry_bans = st.fixed_dictionaries(
    {"id": st.just("x"), "ground": st.sampled_from(["11(1)1", "11(2)"]), "from": days},
    optional={"last_day": days, "revoked_at": instants},
)
deportations = st.fixed_dictionaries({"departed_on": days})
additions = st.one_of(
    st.tuples(st.just("departure_bans"), bans),
    st.tuples(st.just("emergency_bans"), requests),
    st.tuples(st.just("entry_bans"), entry_bans),
    st.tuples(st.just("deportations"), deportations),
)
groups = st.sampled_from(sorted(GROUPS))


def _drawn(data: Any, group: str) -> dict[str, Any]:
    spoilers = data.draw(st.lists(st.sampled_from(GROUPS[group][2]), max_size=1))
    return traveller(group, *spoilers)


@given(groups, additions, additions, st.data())
def test_adding_a_blocking_record_never_admits(
    group: str, one: tuple[str, Any], other: tuple[str, Any], data: Any
) -> None:
    """Whoever is referred stays referred with one record more, by at least the same bans."""
    facts = _drawn(data, group)
    facts[one[0]] = [*facts.get(one[0], []), one[1]]
    more = {**facts, other[0]: [*facts.get(other[0], []), other[1]]}
    before, after = exit_decision(facts), exit_decision(more)
    assert set(before.rule_ids) <= set(after.rule_ids)
    assert before.admitted or not after.admitted


UNKNOWN = [
    {"live": None},
    {"store": None},
    {"person__dob": None},
    {"person__military_status": "unknown"},
    {"passport": None},
    {"passport__expiry": None},
    {"person": None},
    {"kis_record": None},
    {"stay": None},
    {"enrolment": None},
    {"passport__mrz_ok": False},
]


@given(groups, st.sampled_from(UNKNOWN), st.data())
def test_unknown_never_beats_known_clear(group: str, gap: dict[str, Any], data: Any) -> None:
    """Forgetting a fact never turns a referral into an admission."""
    from tests.law.world import merged

    facts = _drawn(data, group)
    if not exit_decision(facts).admitted:
        assert not exit_decision(merged(facts, gap)).admitted


@given(st.lists(bans, min_size=1, max_size=4), st.integers(min_value=0, max_value=3))
def test_revocation_affects_only_what_it_names(records: list[Any], chosen: int) -> None:
    """Revoking one ban takes away its own effect and that of no other record."""
    index = chosen % len(records)
    revoked = [dict(record) for record in records]
    revoked[index]["revoked_at"] = NOON
    without = [record for n, record in enumerate(records) if n != index]
    for build in (national, alien):
        for direction in ("departure", "entry"):
            after = exit_decision(build(direction, departure_bans=revoked))
            assert (
                after.rule_ids == exit_decision(build(direction, departure_bans=without)).rule_ids
            )


def test_revoking_an_emergency_request_leaves_the_ban() -> None:
    """A revoked emergency request takes no ordinary ban with it, and the other way round."""
    lifted = emergency(revoked_at=NOON, revoked_basis="4-6(4)")
    assert ids(national(departure_bans=[ban()], emergency_bans=[lifted])) == ["DEP-BAN-10"]
    facts = national(departure_bans=[ban(revoked_at=NOON)], emergency_bans=[emergency()])
    assert ids(facts) == ["DEP-EMB-02"]
