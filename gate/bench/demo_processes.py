"""The demo's processes: gate, recognition worker and page, each started again whenever it dies.

`python -m gate.bench.demo_processes --port N ...` is what `egate demo` becomes once its words are
checked. It holds a throwaway state directory and nothing else.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path

from gate.bench.rendered import rendered_folder
from gate.bench.supervisor import Supervisor

MEMORY = "/dev/shm"


def main() -> None:
    """Run until SIGINT or SIGTERM; nothing is left behind then."""
    words = _words()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="egate-demo-", dir=_place(words.camera)) as folder:
        running = _processes(Path(folder), words)
        for process in running:
            process.start()
        address = f"http://127.0.0.1:{words.port}/"
        print(f"the gate is at {address} (end with Ctrl-C)", flush=True)
        if words.browser:
            webbrowser.open(address)
        stopped.wait()
        for process in running:
            process.ask_to_end()
        for process in running:
            process.stop()
        _no_frames_left(Path(folder).name)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="7")
    parser.add_argument("--speed", default="2.0")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--recognition", default="worker")
    parser.add_argument("--camera")
    parser.add_argument("--reader", default="elyctis")
    parser.add_argument("--faults")
    parser.add_argument("--browser", action="store_true")
    return parser.parse_args()


def _processes(folder: Path, words: argparse.Namespace) -> list[Supervisor]:
    place = ["--folder", str(folder), "--seed", words.seed, "--rendered", str(rendered_folder())]
    gate = ["gate.bench.demo_world", *place, "--speed", words.speed]
    gate += ["--recognition", words.recognition]
    page = ["gate.web", "--control", str(folder / "control.sock"), "--port", str(words.port)]
    worker = ["gate.bench.demo_worker", *place, "--reader", words.reader]
    gate += ["--reader", words.reader]
    if words.faults is not None:
        gate += ["--faults", words.faults]
    if words.camera is not None:
        gate.append("--own-face")
        worker += ["--camera", words.camera]
        page += ["--desk", str(folder / "desk.sock")]
    commands = {"the gate": gate, "the page's server": page}
    if words.recognition == "worker":
        commands["the recognition worker"] = worker
    python = [sys.executable, "-m"]
    return [Supervisor([*python, *command], _say, name) for name, command in commands.items()]


def _place(camera: str | None) -> str | None:
    """One's own template is kept where nothing reaches a disk, if the machine has such a place."""
    return MEMORY if camera is not None and os.access(MEMORY, os.W_OK) else None


def _no_frames_left(name: str) -> None:
    """A gate that was killed leaves the last frames of its cameras behind."""
    from gate.recognition.frames import remove

    for camera in (name, f"{name}-page"):
        remove(camera)


def _say(text: str) -> None:
    print(f"egate demo: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
