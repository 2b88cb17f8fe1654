"""Single changes that each make one rule block, for nationals and aliens, leaving and entering.

A spoiler names the rule and the change. `touches` are the records that it needs for itself: two
spoilers that touch the same one cannot meet in one traveller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.law.world import alien, ban, emergency, merged, national, permit


@dataclass(frozen=True)
class Spoiler:
    """One blocking rule and the change of the traveller in order that brings it about."""

    rule_id: str
    changes: dict[str, Any]

    @property
    def touches(self) -> set[str]:
        """The records, or single fields of a record, that the change needs for itself."""
        return set(self.changes)

    def meets(self, other: Spoiler) -> bool:
        """Whether both can be true of one traveller."""
        for mine in self.touches:
            for theirs in other.touches:
                if mine == theirs and not isinstance(self.changes[mine], list):
                    return False
                if mine != theirs and (
                    mine.startswith(theirs + "__") or theirs.startswith(mine + "__")
                ):
                    return False
        return True


CREW = {"travelling_as_crew": True}
PEOPLE_BOTH = [
    Spoiler("GATE-DATA-01", {"store": None}),
    Spoiler("GATE-DOC-01", {"passport__mrz_ok": False}),
    Spoiler("GATE-BIO-01", {"live": None}),
    Spoiler("NGT-08", {"passport__status": "restricted"}),
]
NATIONALS = [
    *PEOPLE_BOTH,
    Spoiler("NGT-01", {"passport__expiry": "2031-03-09"}),
    Spoiler("NGT-02", {"enrolment": None}),
    Spoiler("NGT-06", {"person__resident_registered": False}),
    Spoiler("SES-MEM-05", {"enrolment__status": "revoked"}),
    Spoiler("SES-ELG-07", {"consents": []}),
    Spoiler("SES-INE-04", {"passport__nationality": "UTO"}),
    Spoiler("FORG-01", {"passport__authenticity": "suspect"}),
    Spoiler("DEP-PER-04", {"departure_bans": [ban(ban_id="p", start_date="2031-02-10", last_day=None, unit="month", length=1)]}),
    Spoiler("DEP-EXT-04", {"departure_bans": [ban(ban_id="q", last_day="2031-03-05", extension_request={"filed_at": "2031-03-01T10:00:00+09:00", "status": "pending"})]}),
    Spoiler("DEP-EXT-05", {"departure_bans": [ban(ban_id="r", last_day="2031-03-05", extensions=[{"decided_at": "2031-03-07T10:00:00+09:00", "last_day": "2031-03-30"}])]}),
]  # fmt: skip
NATIONALS_LEAVING = [
    *NATIONALS,
    Spoiler("DEP-BAN-10", {"departure_bans": [ban()]}),
    Spoiler("DEP-EMB-02", {"emergency_bans": [emergency()]}),
    Spoiler("DEP-EMB-06", {"emergency_bans": [emergency(request_id="e-6", intake_state="quarantined")]}),
    Spoiler("NDEP-MIL-01", {"person__military_status": "liable"}),
    Spoiler("CREW-N-02", {"person__crew": {**CREW, "first_departure": True, "registered": True}}),
]  # fmt: skip
NATIONALS_ENTERING = [
    *NATIONALS,
    Spoiler("NGT-04", {"departure_bans": [ban()]}),
    Spoiler("NGT-05", {"emergency_bans": [emergency()]}),
    Spoiler("NENT-05", {"entry_bans": [{"id": "x", "ground": "11(1)3", "from": "2031-01-01"}]}),
    Spoiler("CREW-N-02", {"person__crew": {**CREW, "last_entry": True}}),
]
ALIENS = [
    *PEOPLE_BOTH,
    Spoiler("AGT-02", {"alien_registration": None}),
    Spoiler("AGT-03", {"enrolment": None}),
    Spoiler("SES-MEM-05", {"enrolment__status": "cancelled"}),
    Spoiler("SES-ELG-05", {"passport__usage": "single"}),
    Spoiler("SES-ELG-07", {"consents": []}),
    Spoiler("SES-INE-03", {"penalties": [{"amount_krw": 6_000_000, "decided_on": "2031-01-01", "paid_on": "2031-01-01"}]}),
    Spoiler("SES-INE-05", {"kis_record__sex": "F"}),
    Spoiler("FORG-02", {"passport__authenticity": "forged"}),
    Spoiler("FORG-06", {"immigration_investigation": True}),
    Spoiler("SUS-05", {"emergency_bans": [emergency()]}),
    Spoiler("SUS-04", {"departure_bans": [ban(ban_id="s", start_date="2031-02-10", last_day=None, unit="month", length=1)]}),
    Spoiler("COND-08", {"conditional_entry": {"granted_at": "2031-03-09T09:00:00+09:00", "hours": 72}}),
]  # fmt: skip
ALIENS_LEAVING = [
    *ALIENS,
    Spoiler("ADEP-01", {"passport__expiry": "2031-03-09"}),
    Spoiler("ADEP-02", {"stay": None}),
    Spoiler("AENT-10", {"permits": [permit("alien_entry_permit")]}),
    Spoiler("SUS-01", {"departure_bans": [ban()]}),
    Spoiler("SES-INE-02", {"entry_bans": [{"id": "x", "ground": "11(1)3", "from": "2031-01-01"}]}),
    Spoiler("CREW-A-01", {"person__crew": {**CREW, "korean_vessel": True, "first_departure": True, "registered": True}}),
]  # fmt: skip
ALIENS_ENTERING = [
    *ALIENS,
    Spoiler("AENT-01", {"passport__expiry": "2031-03-09"}),
    Spoiler("AENT-03", {"permits": [permit("reentry", status="revoked")]}),
    Spoiler("AENT-13", {"purpose_conflict": True}),
    Spoiler("SUS-03", {"departure_bans": [ban()]}),
    Spoiler("ENT-BAN-03", {"entry_bans": [{"id": "x", "ground": "11(1)3", "from": "2031-01-01"}]}),
    Spoiler("ENT-BAN-06", {"deportations": [{"departed_on": "2030-01-01"}]}),
    Spoiler("ENT-BAN-09", {"country_policy": {"reciprocity_refusal": True}}),
    Spoiler("CREW-A-01", {"person__crew": {**CREW, "korean_vessel": True, "last_entry": True}}),
]
GROUPS = {
    "national leaving": (national, "departure", NATIONALS_LEAVING),
    "national entering": (national, "entry", NATIONALS_ENTERING),
    "alien leaving": (alien, "departure", ALIENS_LEAVING),
    "alien entering": (alien, "entry", ALIENS_ENTERING),
}

EXCEPTIONS: dict[frozenset[str], set[str]] = {
    # An otherwise valid passport only (C5): an invalid one reports its own rule alone.
    frozenset({"SES-ELG-05", "ADEP-01"}): {"ADEP-01"},
    frozenset({"SES-ELG-05", "AENT-01"}): {"AENT-01"},
    frozenset({"SES-ELG-05", "NGT-08"}): {"NGT-08"},
    # Without an enrolment, or after leaving the service, its quality is not asked (C6, C7).
    frozenset({"SES-ELG-07", "NGT-02"}): {"NGT-02"},
    frozenset({"SES-ELG-07", "AGT-03"}): {"AGT-03"},
    frozenset({"SES-ELG-07", "SES-MEM-05"}): {"SES-MEM-05"},
    # Penalties and record data concern the registered only (C12, C14).
    frozenset({"AGT-02", "SES-INE-03"}): {"AGT-02"},
    frozenset({"AGT-02", "SES-INE-05"}): {"AGT-02"},
}
"""Pairs in which a sentence of the conventions lets one rule silence the other."""


def traveller(group: str, *spoilers: Spoiler) -> dict[str, Any]:
    """A traveller of a group, spoilt; lists of records are joined."""
    build, direction, _ = GROUPS[group]
    facts: dict[str, Any] = build(direction)
    spoilt: set[str] = set()
    for path, value in (item for spoiler in spoilers for item in spoiler.changes.items()):
        joined = [*facts[path], *value] if isinstance(value, list) and path in spoilt else value
        facts = merged(facts, {path: joined})
        spoilt.add(path)
    return facts
