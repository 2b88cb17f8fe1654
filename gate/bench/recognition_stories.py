"""The stories told over many seeds with real recognition: does everybody end as their kind must?"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time

from gate.bench.actors import KINDS
from gate.bench.real_recognition import real_recognition
from gate.bench.rendered import rendered_folder
from gate.bench.stories import tell

ENDS = {
    "admitted": "admit",
    "turned_back": "abandoned",
    "document_withdrawn": "abandoned",
    "nobody_entered": "abandoned",
    "fire_on_the_way": "evacuated",
    "power_lost": "interrupted",
}
"""Every other kind is referred."""


def main() -> None:
    """Print one line a seed; exit 1 where an outcome is not what it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--kinds", default=",".join(KINDS))
    words = parser.parse_args()
    kinds = words.kinds.split(",")
    must = [ENDS.get(kind, "refer") for kind in kinds]
    wrong = 0
    for seed in words.seeds:
        began_s = time.monotonic()
        recognition = real_recognition(seed, rendered_folder())
        told = tell(kinds, seed=seed, say=lambda _line: None, recognition=recognition)
        ended = [e["data"]["outcome"] for e in told.journal if e["kind"] == "passage_closed"]
        wrong += (good := ended == must and told.errors == 0) is False
        journal = json.dumps(told.journal, sort_keys=True, default=str).encode()
        digest = hashlib.sha256(journal).hexdigest()[:16]
        said = "as they must" if good else f"WRONG: {ended}"
        print(f"seed {seed}: {said}, journal {digest}, {time.monotonic() - began_s:.0f} s")
        sys.stdout.flush()
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
