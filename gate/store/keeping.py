"""Keeping a store: privacy, keys, back-ups, proofs, and looking back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from gate.store import (
    backup,
    chain,
    due,
    journal,
    numbers,
    privacy,
    projections,
    rejudge,
    replay,
    retention,
)
from gate.store.keys import SiteKeys
from gate.store.log import SEOUL
from gate.store.opened import OpenStore
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import PassageId

CLOCK_ACCEPTED = "clock_accepted"
TASKS_A_COMMIT = 200


class KeptStore(OpenStore):
    """What an operator does with a store, beside the gate's own work."""

    def accept_clock(self, officer_id: str) -> int:
        """Commit an officer's word that the clock is right and later entries were ahead of it."""
        with self._appending() as appender:
            data = {"officer_id": officer_id}
            sequence = self._keep(appender, CLOCK_ACCEPTED, data, officer_id)
            appender.latest_at = appender.at
        return sequence

    def erase_person(self, person_id: str, officer_id: str, reason: str) -> None:
        """Forget a person by destroying the keys; the chain still verifies.

        Raises StoreError(REJECTED) for an unknown person or while a ban on the person stands.
        """
        person = self._references.person(person_id)
        why = {"officer_id": officer_id, "reason": reason}
        with self._appending() as appender:
            privacy.erase(self._engine, self._keyring, appender, person, why)
        self._engine.empty_wal()

    def export_person(self, person_id: str) -> dict[str, Any]:
        """Return everything held about one person, every version, and the person's passages."""
        person = self._references.person(person_id)
        with self._engine.reading():
            return privacy.export_person(self._engine, self._keyring, person)

    def forget_journal_before(self, before: datetime) -> list[str]:
        """Forget whole months of the journal; returns them as YYYY-MM."""
        with self._appending() as appender:
            gone = privacy.forget_journal_before(self._engine, self._keyring, appender, before)
        self._engine.empty_wal()
        return gone

    def erase_what_is_due(self, officer_id: str) -> tuple[int, list[str]]:
        """Erase everybody of whom nothing has to be kept any more, and old journal months.

        Returns how many persons, and the months (YYYY-MM). See `gate.store.retention`.
        """
        now = self._utc_now()
        today = now.astimezone(SEOUL).date()
        persons = list(retention.due(self._engine, self._keyring, today))
        for person_id in persons:
            self.erase_person(person_id, officer_id, "retention")
        before = now - timedelta(days=retention.MONTH * retention.JOURNAL_MONTHS)
        return len(persons), self.forget_journal_before(before)

    def change_master_key(self, new: SiteKeys) -> int:
        """Wrap every key for another master key; returns how many data keys there were.

        The caller replaces the key file only after this has returned, and keeps the old one
        until then.
        """
        with self._appending() as appender:
            data = {"master_key": new.key_id}
            self._keep(appender, "master_key_changed", data, self._gate_id)
            changed = self._keyring.change_master(new)
        self._engine.empty_wal()
        return changed

    def rebuild_projections(self) -> None:
        """Make every projection again from the log, in one transaction."""
        with self._engine.writing():
            projections.rebuild(self._engine, self._keyring)

    def projections_plain(self) -> dict[str, Any]:
        """Return every projection decrypted, comparable with that of another moment."""
        with self._engine.reading():
            return projections.plain(self._engine, self._keyring)

    def verify(self, progress: Callable[[int], None] | None = None) -> chain.ChainReport:
        """Check the whole chain."""
        return chain.verify(self._engine, progress)

    def back_up(self, target: Path) -> backup.BackupProof:
        """Copy the store while it is in use; the copy's chain is verified before it counts."""
        return backup.back_up(self._engine.path, target)

    def replay_passage(self, passage: PassageId) -> replay.ReplayedPassage:
        """Return a past exit decision with the facts as they stood, to be decided again.

        Raises StoreError(REJECTED) where the passage has no exit decision that can be read.
        """
        with self._engine.reading():
            return replay.replay(self._engine, self._keyring, passage, self._max_age_min)

    def keep_parameters(self, parameters: Parameters) -> None:
        """Keep the numbers that decisions will rest on, once each; a replay needs them."""
        if numbers.kept(self._engine, self._keyring, parameters.text_hash) is None:
            with self._appending() as appender:
                numbers.keep(appender, parameters, self._gate_id)

    def passages(self) -> list[PassageId]:
        """Return every passage that is not forgotten, in the order they were opened."""
        return [state.passage for state in journal.passages(self._engine, "TRUE")]

    def replay_checks(self, passage: PassageId, today: Parameters) -> list[rejudge.Rejudged]:
        """Decide every recorded check of a passage again, each as of its own instant.

        With the parameters of its own day, and apart from that with today's. Empty where the
        journal holds no decision on this passage.
        """
        with self._engine.reading():
            recorded = replay.recorded_checks(
                self._engine, self._keyring, passage, self._max_age_min
            )
            hashes = {check.parameters_hash for check in recorded if check.parameters_hash}
            then = {
                found.text_hash: found
                for text_hash in hashes
                if (found := numbers.kept(self._engine, self._keyring, text_hash)) is not None
            }
        return [rejudge.rejudge(check, then, today) for check in recorded]

    def tasks(self, parameters: Parameters) -> list[due.PersonTask]:
        """Return what the deadlines of the law ask of staff now or soon; changes nothing."""
        at = self._utc_now()
        with self._engine.reading():
            return due.person_tasks(self._engine, self._keyring, at, parameters)

    def raise_tasks(self, tasks: Iterable[due.PersonTask]) -> int:
        """Append an event for each task that is due and has none yet; returns how many.

        A task lifts nothing and sets nothing: that is the act of whoever it is put to. So many a
        commit that a gate at the same store never waits long.
        """
        at = self._utc_now()
        wanted = iter([one for one in tasks if one.due_by(at) and not one.raised])
        count = 0
        while some := list(islice(wanted, TASKS_A_COMMIT)):
            with self._appending() as appender:
                count += due.raise_tasks(self._engine, appender, some, self._gate_id)
            self.give_way()
        with self._appending() as appender:
            due.note_checked(self._engine, self._keyring, appender, self._gate_id)
        return count
