"""`egate bench screens`: the pictures in docs/screens, taken of the running demo by a browser."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PICTURES = {
    "ready": (None, "ready"),
    "capturing": ("admitted", "capturing"),
    "leaving": ("admitted", "leaving"),
    "referred": ("banned", "referred"),
    "two_persons": ("two_persons", "referred"),
    "evacuating": ("fire_on_the_way", "evacuating"),
    "face_mismatch": ("face_mismatch", "referred"),
}
"""Name of the picture: who is sent, and in which phase it is taken."""


def command(out: Path = Path("docs/screens"), port: int = 8557, speed: float = 2.0) -> None:
    """Start the demo, send travellers, take one picture for each entry of the table."""
    from playwright.sync_api import sync_playwright

    words = ["demo", "--no-browser", "--port", str(port), "--speed", str(speed)]
    demo = subprocess.Popen([sys.executable, "-m", "gate.cli", *words])
    try:
        _wait_for(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page(viewport={"width": 1360, "height": 960}, bypass_csp=True)
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector("#kinds button:enabled")
            for name, (kind, phase) in PICTURES.items():
                _take(page, kind, phase, out / f"{name}.png")
                print(f"{name}.png")
            browser.close()
    finally:
        demo.terminate()
        try:
            demo.wait(5.0)
        except subprocess.TimeoutExpired:
            demo.kill()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the demo did not come up")


def _take(page: Any, kind: str | None, phase: str, path: Path) -> None:
    _until(page, "ready")
    if kind is not None:
        page.click(f"[data-kind={kind}]")
    _until(page, phase)
    page.wait_for_timeout(500)
    page.screenshot(path=str(path))


def _until(page: Any, phase: str) -> None:
    shown = f"document.getElementById('phase').textContent === '{phase}'"
    page.wait_for_function(shown, timeout=120_000)
