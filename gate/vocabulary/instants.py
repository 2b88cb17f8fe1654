"""The instant at which the runner hands an event to the core."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Instant:
    """`mono_s`: monotonic seconds, for deadlines. `utc`: aware, for the law."""

    mono_s: float
    utc: datetime
