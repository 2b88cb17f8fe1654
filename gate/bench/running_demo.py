"""`egate demo` as its user has it, for benches and tests: its processes, and the page's socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

MODULES = {"gate": "demo_world", "worker": "demo_worker", "web": "gate.web"}
UP_WITHIN_S = 60.0
AGAIN_S = 0.1

View = dict[str, Any]


class RunningDemo:
    """A demo on a free port. `view`: the newest that a browser would have."""

    def __init__(self, *words: str, environment: dict[str, str] | None = None) -> None:
        self.port = _free_port()
        command = [sys.executable, "-m", "gate.cli", "demo", "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *words],
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
        )
        self.view: View = {}
        self._links = ExitStack()
        self._link: ClientConnection | None = None

    def pids(self) -> dict[str, int]:
        """The processes by name: `gate`, `worker`, `web` as far as they are there, `launcher`."""
        found = {"launcher": self.process.pid}
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid:
                    module = words[2].decode()
                    found |= {n: int(entry.name) for n, m in MODULES.items() if module.endswith(m)}
        return found

    @property
    def folder(self) -> Path:
        """The throwaway state directory."""
        words = Path(f"/proc/{self.pids()['gate']}/cmdline").read_bytes().split(b"\0")
        return Path(words[words.index(b"--folder") + 1].decode())

    def kill(self, name: str) -> None:
        """`kill -9` of one process."""
        os.kill(self.pids()[name], signal.SIGKILL)

    def send(self, **message: Any) -> None:
        """What a button of the page sends."""
        while True:
            with suppress(OSError, ConnectionClosed, TimeoutError):
                self._connected().send(json.dumps(message))
                return
            self._lost()

    def until(self, condition: Callable[[View], bool], within_s: float = 60.0) -> bool:
        """Look on until a view makes it true; False after `within_s`."""
        ends_s = time.monotonic() + within_s
        while (left_s := ends_s - time.monotonic()) > 0:
            try:
                self.view = json.loads(self._connected().recv(timeout=left_s))
            except TimeoutError:
                break
            except (OSError, ConnectionClosed):
                self._lost()
                continue
            if condition(self.view):
                return True
        return False

    def until_calm(self, within_s: float = 120.0) -> bool:
        """Until the gate stands ready, nobody is on the way and every device serves."""
        return self.until(is_calm, within_s)

    def until_worker_serves(self, within_s: float = UP_WITHIN_S) -> bool:
        """Until the recognition worker has loaded its models; no view tells it of an idle one."""
        ends_s = time.monotonic() + within_s
        while time.monotonic() < ends_s:
            with suppress(OSError, KeyError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self.folder / "desk.sock"))
                return True
            self.until(lambda _view: False, AGAIN_S)
        return False

    def stop(self) -> None:
        """As Ctrl-C does."""
        self._links.close()
        self.process.terminate()
        try:
            self.process.wait(20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _connected(self) -> ClientConnection:
        ends_s = time.monotonic() + UP_WITHIN_S
        while self._link is None:
            try:
                address = f"ws://127.0.0.1:{self.port}/views"
                self._link = self._links.enter_context(connect(address, max_size=None))
            except (OSError, TimeoutError):
                if time.monotonic() > ends_s or self.process.poll() is not None:
                    raise RuntimeError("the demo's page does not come up") from None
                time.sleep(AGAIN_S)
        return self._link

    def _lost(self) -> None:
        self._link = None
        time.sleep(AGAIN_S)


def is_calm(view: View) -> bool:
    """Ready, and nobody on the way."""
    quiet = view.get("connected") and view.get("phase") == "ready" and not view.get("failed")
    return bool(quiet and view["demo"]["now"] is None and not view["demo"]["waiting"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
