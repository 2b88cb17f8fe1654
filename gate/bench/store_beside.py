"""A gate's small commits while somebody else imports: a process of its own, ended by its input.

`beside(store)` starts it; leaving the block ends it and tells how long its commits took.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gate.store import SiteKeys, Store, StoreError

EVERY_S = 0.05
GATE_WAIT_S = 1.0
"""As long as a gate waits for the write lock; then the traveller is referred."""


@contextmanager
def beside(store: Path) -> Iterator[None]:
    """Commit now and then at this store, which has the bench's key of zeros."""
    words = [sys.executable, "-m", __name__, str(store)]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as child:
        try:
            yield
        finally:
            assert child.stdin is not None
            child.stdin.close()


def main(path: Path) -> None:
    """Commit until the input ends, then print how long that took."""
    times_ms, locked_out = [], 0
    with Store.open(path, keys=SiteKeys(bytes(32)), lock_wait_s=GATE_WAIT_S) as store:
        while not select.select([sys.stdin], [], [], EVERY_S)[0]:
            began = time.perf_counter()
            try:
                store.record_sync(datetime.now(UTC), "bench")
            except StoreError:
                locked_out += 1
            times_ms.append((time.perf_counter() - began) * 1e3)
    times_ms.sort()
    count = len(times_ms)
    median, p95 = (times_ms[int(count * share)] for share in (0.5, 0.95)) if count else (0.0, 0.0)
    print(
        f"a gate's commits beside the import: {count}, median {median:.1f} ms, p95 {p95:.1f} ms, "
        f"{locked_out} locked out",
        flush=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
