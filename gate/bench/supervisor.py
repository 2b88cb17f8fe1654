"""Keeps a process of the demo alive: when it dies it comes back, and somebody hears of it."""

import subprocess
import threading
from collections.abc import Callable, Sequence

AGAIN_S = 1.0


class Supervisor:
    """Starts `command`, and starts it again whenever it ends, until `stop`."""

    def __init__(self, command: Sequence[str], say: Callable[[str], None]) -> None:
        self._command = list(command)
        self._say = say
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def stop(self) -> None:
        """End it for good."""
        self._stopping.set()
        if self._process is not None:
            self._process.kill()
        self._thread.join(5.0)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen(self._command)
            code = self._process.wait()
            if not self._stopping.is_set():
                self._say(f"the gate's process ended ({code}); starting it again")
                self._stopping.wait(AGAIN_S)
