"""Tells systemd that the gate lives, in the words of sd_notify(3), and only while it does.

Nothing is told where systemd does not ask for it (`NOTIFY_SOCKET`, `WATCHDOG_USEC`). A controller
that hangs is killed by systemd and comes back by way of a full read-back; meanwhile the board ends
its pulses itself, and loops and call button work without any software.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

ASKED_USEC = "WATCHDOG_USEC"
BEHIND_S = 10.0
"""An event that waits for its answer so long, or a command that hangs so long, is no health.
Longer than a slow disk or a retrying driver takes, which a restart would not mend.
"""


class Notifier:
    """One datagram for each word; without an address nothing is sent."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        usec, pid = environment.get(ASKED_USEC, ""), environment.get("WATCHDOG_PID", "")
        is_mine = pid in ("", str(os.getpid()))
        self.watchdog_s = int(usec) / 1e6 if usec.isdigit() and is_mine else None

    def tell(self, *words: str) -> bool:
        """Send words such as `READY=1`; False if nobody asked for them or nobody listens."""
        if not self._address:
            return False
        # A leading @ stands for the abstract namespace.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
            notify.setblocking(False)  # a manager that reads no more must not hold the doors up
            try:
                notify.sendto("\n".join(words).encode(), address)
            except OSError:
                return False
        return True


async def attend(
    notifier: Notifier,
    behind_s: Callable[[], float],
    status: Callable[[], str],
    is_ready: Callable[[], bool],
) -> None:
    """Say READY once, STATUS when it changes, and WATCHDOG while nothing is behind; for ever.

    `behind_s`: for how long an event has waited with none answered, or a command has hung.
    """
    every_s = min(1.0, (notifier.watchdog_s or 3.0) / 3)
    told, ready = "", False
    while True:
        words = []
        if not ready and is_ready():
            ready = True
            words.append("READY=1")
        if behind_s() < min(BEHIND_S, notifier.watchdog_s or BEHIND_S):
            words.append("WATCHDOG=1")
        if status() != told:
            told = status()
            words.append(f"STATUS={told}")
        if words:
            notifier.tell(*words)
        await asyncio.sleep(every_s)
