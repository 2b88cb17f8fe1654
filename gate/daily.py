"""Something that is done once a day at a time of the wall clock, however that clock jumps."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Seoul")
"""The zone of the law that the gate applies; its days are the gate's days."""
LOOK_S = 20.0
LATEST_H = 6
"""A gate that was busy, or off, does it up to so many hours late; later it waits for the next day."""


async def daily(at: time, utc: Callable[[], datetime], act: Callable[[], bool]) -> None:
    """Try `act` from `at` (in ZONE) on until it says that it was done; for ever.

    A day on which the process starts after `at` counts as done.
    """
    done: date | None = utc().astimezone(ZONE).date() if _is_due(at, utc()) else None
    while True:
        now = utc()
        today = now.astimezone(ZONE).date()
        if done != today and _is_due(at, now) and act():
            done = today
        await asyncio.sleep(LOOK_S)


def _is_due(at: time, now: datetime) -> bool:
    local = now.astimezone(ZONE)
    due = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return 0 <= (local - due).total_seconds() < LATEST_H * 3600
