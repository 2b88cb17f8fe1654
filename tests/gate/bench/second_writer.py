"""Another process at a gate's store: enters a ban whenever it is told to, and says its event."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from gate.bench.people import ban
from gate.bench.world import SEOUL
from gate.store import Durability, SiteKeys, Store


def main(path: Path, master: bytes) -> None:
    """One line in, {"now", "person_id"}; one line out, the sequence of the event."""
    for line in sys.stdin:
        told = json.loads(line)
        now = datetime.fromisoformat(told["now"])
        with Store.open(
            path,
            keys=SiteKeys(master),
            utc_now=lambda now=now: now,  # type: ignore[misc]
            durability=Durability.SIMULATION_OFF,
        ) as store:
            record = ban(told["person_id"], now.astimezone(SEOUL).date())
            print(store.append_records([record])[0], flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
