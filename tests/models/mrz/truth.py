"""What stands in the fixtures: file to lines."""

import csv
from pathlib import Path

FIXTURES = Path(__file__).parents[3] / "fixtures" / "mrz"
with (FIXTURES / "ground_truth.csv").open() as _rows:
    TRUTH = {
        row["file"]: tuple(row[k] for k in ("line1", "line2", "line3") if row[k])
        for row in csv.DictReader(_rows)
    }
