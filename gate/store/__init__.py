"""SQLite at the gate: records as events, the journal of passages, keys; one file, one chain."""

from gate.store.chain import ChainReport
from gate.store.engine import Durability
from gate.store.errors import StoreError, StoreErrorKind
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
    "free_share_of",
]
