"""Which of several findings staff see first (GATE-PRI-01, C21)."""

from __future__ import annotations

from functools import cache

from gate.law.rule import Role, Who, note

CLASSES: dict[str, int] = {
    "DEP-EMB": 1, "NGT-05": 1, "SUS-05": 1,
    "DEP-BAN": 2, "DEP-PER": 2, "DEP-EXT": 2, "NGT-04": 2, "SUS": 2,
    "ENT-BAN": 3, "SES-INE-02": 3, "NENT-05": 3,
    "FORG": 4,
    "GATE-DOC": 5, "NGT-01": 5, "NGT-08": 5, "AENT-01": 5, "ADEP-01": 5,
    "SES-ELG-05": 5, "SES-INE-04": 5, "SES-INE-05": 5,
    "GATE-BIO": 6,
    "SES-ELG": 7, "SES-INE-03": 7, "SES-MEM": 7, "NGT-02": 7, "NGT-06": 7, "NGT-07": 7, "AGT": 7,
    "AENT": 8, "ADEP-02": 8, "COND": 8, "LAND": 8, "NDEP-MIL": 8, "CREW": 8,
    "GATE-DATA": 9,
}  # fmt: skip
"""Class by id prefix: emergency, ban, entry ban, forgery, document, biometrics, lane
eligibility, permission, data."""

LAST_CLASS = max(CLASSES.values())


@cache
def class_of(rule_id: str) -> int:
    """The class of a rule id: that of the longest prefix in the table; the last without one."""
    fitting = [prefix for prefix in CLASSES if rule_id.startswith(prefix)]
    return CLASSES[max(fitting, key=len)] if fitting else LAST_CLASS


@note("GATE-PRI-01", "project rule", Who.GATE, Role.COMPUTES)
def staff_order(rule_id: str) -> tuple[int, str]:
    """The gravest class first, then the lowest id as text; it orders the staff display only."""
    return class_of(rule_id), rule_id
