"""SQLite at the gate: records as events, the journal of passages, keys; one file, one chain.

Synchronous; one thread at a time per `Store`, any number of processes per file. Every write is
one transaction that is synced before the call returns. Every call may raise `StoreError`
(`problem`: `StoreErrorKind`; `kind`: the core's `FailureKind`); then nothing was written.

    keys = SiteKeys.from_file(state / "master.key", create=True)
    store = Store.open(state / "store.db", keys=keys, create=True, utc_now=..., free_share=...)

Records (events, never changed; the view is their fold):
    append_records([Record("departure_ban", {...}, person_id="P-1", source="...")]) -> [sequence]
    take_in(records, parameters) -> [Taken]         each judged by the law first, then stored or refused
    record_sync(synced_at, source)                  makes the facts fresh
    load_facts(document, at) -> LoadedFacts         facts, store_seq, document_ref, versions, digest
    changed_since(document, store_seq) -> bool      a later record could change the decision
    `document`: a Document, (issuing state, number), or the 32 hex digits of `document_ref(...)`.

Journal (`PassageId` -> exactly one outcome):
    next_boot() -> int                              counted and committed
    open_passage(passage, at, document_ref=None, data=None)
    append_journal([JournalEntry(...), Closing(...), ...])     many entries, one commit
    authorise_exit(passage, decision, store_seq, document_ref=...) -> Authorised(seq) | Stale(seq)
    authorise_officer_admit(passage, officer_id, at)
    close_passage(passage, outcome, at, data=None)
    open_passages(), exit_decisions_without_confirmation(), passage_state(passage)
    journal_plain() -> [{kind, passage, document_ref, at, data}]    comparable between runs

Keeping: erase_person, export_person, erase_what_is_due, forget_journal_before,
change_master_key, accept_clock, rebuild_projections, projections_plain, verify, back_up,
keep_parameters, replay_checks (every check of a passage decided again), tasks and raise_tasks
(the law's deadlines, each raised once), replay_passage; `gate.store.backup.restore`;
`gate.store.exchange.import_file`, `export_file`; `gate.store.bulk.load_store` for a new store.

The wall clock: an entry that is written while the clock stands before the latest entry is
flagged and chained as any other; facts loaded then count as stale, and no exit is authorised,
until the clock has caught up or `accept_clock` says that the later entry was wrong.
"""

from gate.store.chain import ChainReport
from gate.store.engine import Durability
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.intake import Taken
from gate.store.journal import Authorised, Closing, JournalEntry, PassageState, Stale
from gate.store.keys import SiteKeys
from gate.store.loading import LoadedFacts
from gate.store.records import KINDS, Record
from gate.store.space import SpaceLimits, free_share_of
from gate.store.store import Store

__all__ = [
    "KINDS",
    "Authorised",
    "ChainReport",
    "Closing",
    "Durability",
    "JournalEntry",
    "LoadedFacts",
    "PassageState",
    "Record",
    "SiteKeys",
    "SpaceLimits",
    "Stale",
    "Store",
    "StoreError",
    "StoreErrorKind",
    "Taken",
    "free_share_of",
]
