"""A process that appends to a store that others append to as well; run by the tests."""

from __future__ import annotations

import sys
from pathlib import Path

from gate.store import JournalEntry, Store
from gate.vocabulary.passages import PassageId
from tests.gate.store.world import KEYS, NOON, ban


def main(path: Path, name: int, commits: int) -> None:
    """Append bans and journal entries in turn, saying each after its commit."""
    with Store.open(path, keys=KEYS, lock_wait_s=30.0, free_share=lambda: 0.5) as store:
        for number in range(commits):
            if number % 2:
                entry = JournalEntry("door_closed", NOON, {"n": number}, PassageId(name, number))
                store.append_journal([entry])
            else:
                store.append_records([ban(f"B-{name}-{number}")])
            print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
