"""Taking records in: the law is asked, then the record is stored or refused."""

from __future__ import annotations

from datetime import datetime

from gate.store.errors import StoreError, StoreErrorKind
from gate.store.intake import KEPT_FOR_REVIEW, REFUSED, Taken, judge
from gate.store.persons import RecordWriter
from gate.store.records import Record
from gate.vocabulary.decisions import RecordOutcome
from gate.vocabulary.parameters import Parameters


def take_one(writer: RecordWriter, record: Record, at: datetime, parameters: Parameters) -> Taken:
    """Judge and store one record inside the caller's transaction; a refusal writes nothing."""
    try:
        judged = judge(record, writer.view_for(record), at, parameters)
        name, rules = judged.record.name, judged.rule_ids
        if judged.outcome in REFUSED:
            reason = f"record {name}: refused under {', '.join(rules)}"
            return Taken(name, judged.outcome, rules, None, reason)
        sequence, name = writer.add(judged.record, checked=True)
    except StoreError as error:
        if error.problem not in (StoreErrorKind.REJECTED, StoreErrorKind.CONFLICT):
            raise
        return Taken(record.name, RecordOutcome.REJECTED, (), None, str(error))
    if judged.outcome in KEPT_FOR_REVIEW:
        writer.flag(judged.record, {"outcome": judged.outcome.value, "rules": rules})
    return Taken(name, judged.outcome, rules, sequence)
