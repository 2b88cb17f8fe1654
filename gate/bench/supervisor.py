"""Keeps a process of the demo alive: when it dies it comes back, and somebody hears of it."""

import ctypes
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

AGAIN_S = 1.0
ENDS_WITHIN_S = 3.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class Supervisor:
    """Starts `command`, and starts it again whenever it ends, until `stop`."""

    def __init__(
        self, command: Sequence[str], say: Callable[[str], None], name: str = "the gate's process"
    ) -> None:
        self._command = list(command)
        self._say = say
        self._name = name
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def ask_to_end(self) -> None:
        """So that several end side by side; `stop` waits."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """End it for good: asked first, so that it clears up."""
        self.ask_to_end()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDS_WITHIN_S)
            self._process.kill()
        self._thread.join(5.0)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen(self._command, preexec_fn=_end_with_parent)
            code = self._process.wait()
            if not self._stopping.is_set():
                self._say(f"{self._name} ended ({code}); starting it again")
                self._stopping.wait(AGAIN_S)


def _end_with_parent() -> None:
    """In the child: nobody is left behind when the supervisor itself is killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
