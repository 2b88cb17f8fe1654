"""Every rule id of the documents, by subject, and whether some function or act speaks for it."""

from __future__ import annotations

from gate.law import duties as _duties  # noqa: F401 - fills the rule tables
from gate.law import officer as _officer  # noqa: F401
from gate.law.decide import decide as _decide  # noqa: F401
from gate.law.operate import operate as _operate  # noqa: F401
from gate.law.rule import RULES, Rule

SUBJECTS: dict[str, tuple[str, ...]] = {
    "Common computation rules": (
        "GATE-TZ-01", "GATE-AGE-01", "GATE-ELAPSE-01", "GATE-DATA-01", "GATE-DOC-01", "GATE-BIO-01",
        "GATE-RECHK-01", "GATE-MSG-01", "GATE-PRI-01",
    ),
    "SeS registration eligibility": (
        "SES-ELG-01", "SES-ELG-02", "SES-ELG-03", "SES-ELG-04", "SES-ELG-05", "SES-ELG-06",
        "SES-ELG-07", "SES-ELG-08", "SES-ELG-09", "SES-ELG-10", "SES-ELG-11", "SES-ELG-12",
        "SES-INE-01", "SES-INE-02", "SES-INE-03", "SES-INE-04", "SES-INE-05",
    ),
    "Membership cancellation and revocation": (
        "SES-MEM-01", "SES-MEM-02", "SES-MEM-03", "SES-MEM-04", "SES-MEM-05",
    ),
    "Nationals: gate conditions common to both directions": (
        "NGT-01", "NGT-02", "NGT-03", "NGT-04", "NGT-05", "NGT-06",
        "NGT-07", "NGT-08", "NGT-09", "NGT-10",
    ),
    "Nationals' departure inspection": (
        "NDEP-01", "NDEP-02", "NDEP-03", "NDEP-04", "NDEP-05", "NDEP-MIL-01",
        "NDEP-MIL-02", "CREW-N-01", "CREW-N-02", "CREW-N-03",
    ),
    "Nationals' entry inspection": (
        "NENT-01", "NENT-02", "NENT-03", "NENT-04", "NENT-05",
    ),
    "Departure prohibition": (
        "DEP-BAN-01", "DEP-BAN-02", "DEP-BAN-03", "DEP-BAN-04", "DEP-BAN-05", "DEP-BAN-13",
        "DEP-BAN-06", "DEP-BAN-07", "DEP-BAN-08", "DEP-BAN-09", "DEP-BAN-10", "DEP-BAN-11",
        "DEP-BAN-12", "DEP-BAN-14", "DEP-BAN-15", "DEP-PER-01", "DEP-PER-02", "DEP-PER-03",
        "DEP-PER-04", "DEP-PER-05", "DEP-EXT-01", "DEP-EXT-02", "DEP-EXT-03", "DEP-EXT-04",
        "DEP-EXT-05", "DEP-EXT-06", "DEP-EXT-07", "DEP-REV-01", "DEP-REV-02", "DEP-REV-03",
        "DEP-REV-04", "DEP-NOT-01", "DEP-NOT-02", "DEP-NOT-03", "DEP-NOT-04", "DEP-NOT-05",
        "DEP-NOT-06", "DEP-OBJ-01", "DEP-OBJ-02", "DEP-OBJ-03", "DEP-OBJ-04", "DEP-OBJ-05",
    ),
    "Emergency departure prohibition": (
        "DEP-EMB-01", "DEP-EMB-02", "DEP-EMB-03", "DEP-EMB-04", "DEP-EMB-05", "DEP-EMB-06",
        "DEP-EMB-07", "DEP-EMB-08", "DEP-EMB-09", "DEP-EMB-10", "DEP-EMB-11", "DEP-EMB-12",
    ),
    "Suspension of departure for aliens": (
        "SUS-01", "SUS-02", "SUS-03", "SUS-04", "SUS-05",
    ),
    "Aliens: gate conditions": (
        "AGT-01", "AGT-02", "AGT-03", "AGT-04e", "AGT-04d", "AGT-05",
        "AGT-06", "AGT-07", "AGT-08",
    ),
    "Aliens' entry": (
        "AENT-01", "AENT-02", "AENT-03", "AENT-04", "AENT-05", "AENT-06",
        "AENT-07", "AENT-08", "AENT-09", "AENT-10", "AENT-11", "AENT-12",
        "AENT-13", "AENT-14", "AENT-15", "AENT-16", "AENT-17", "AENT-18",
        "AENT-19", "AENT-20", "AENT-21",
    ),
    "Entry prohibition": (
        "ENT-BAN-01", "ENT-BAN-02", "ENT-BAN-03", "ENT-BAN-04", "ENT-BAN-05", "ENT-BAN-07",
        "ENT-BAN-08", "ENT-BAN-06", "ENT-BAN-09", "ENT-BAN-10", "ENT-BAN-11", "ENT-BAN-12",
        "ENT-BAN-13", "ENT-BAN-14",
    ),
    "Aliens' biometrics duty": (
        "ABIO-01", "ABIO-02", "ABIO-03", "ABIO-04", "ABIO-05", "ABIO-06",
        "ABIO-07", "ABIO-08",
    ),
    "Aliens' departure, custody, stay status": (
        "ADEP-01", "ADEP-02", "CREW-A-01", "CREW-A-02", "FORG-01", "FORG-02",
        "FORG-03", "FORG-06", "STAY-01", "STAY-02", "STAY-03", "STAY-04",
        "STAY-05", "PERM-REV-01", "PROH-01", "PROH-02",
    ),
    "Conditional entry": (
        "COND-01", "COND-02", "COND-03", "COND-04", "COND-05", "COND-06",
        "COND-07", "COND-08", "COND-09",
    ),
    "Landing permissions": (
        "LAND-CREW-01", "LAND-CREW-02", "LAND-CREW-03", "LAND-CREW-04", "LAND-CREW-05", "LAND-CREW-06",
        "LAND-CREW-07", "LAND-TOUR-01", "LAND-TOUR-02", "LAND-TOUR-03", "LAND-TOUR-04", "LAND-TOUR-05",
        "LAND-BIO-01", "LAND-GATE-01", "LAND-EMG-01", "LAND-DIS-01", "LAND-REF-01", "LAND-REF-02",
        "LAND-EXT-01",
    ),
}  # fmt: skip
"""All rule ids of the documents under their subjects; traces of one rule (AGT-02a1) are not
listed apart.
"""


def rules_of(rule_id: str) -> tuple[Rule, ...]:
    """What speaks for a rule id; empty where nothing does, which is an error."""
    return tuple(rule for rule in RULES if rule.rule_id == rule_id)


def all_ids() -> tuple[str, ...]:
    """Every rule id of the documents, in their order."""
    return tuple(rule_id for ids in SUBJECTS.values() for rule_id in ids)


def unspoken() -> tuple[str, ...]:
    """Rule ids that neither the code nor an officer's act speaks for."""
    spoken = {rule.rule_id for rule in RULES}
    return tuple(rule_id for rule_id in all_ids() if rule_id not in spoken)


def unlisted() -> tuple[str, ...]:
    """Rule ids that the code speaks for and the documents do not have, but for traces."""
    listed = all_ids()
    spoken = {rule.rule_id for rule in RULES}
    return tuple(sorted(rule_id for rule_id in spoken if not rule_id.startswith(listed)))
