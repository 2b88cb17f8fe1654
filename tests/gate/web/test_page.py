"""The page as a browser meets it: real server, real gate process, real Chromium."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """`egate demo` with its page."""

    def __init__(self, tmp: Path) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        words = ["demo", "--no-browser", "--port", str(self.port), "--speed", "16"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gate.cli", *words],
            env={**os.environ, "TMPDIR": str(tmp)},
            start_new_session=True,
        )

    def wait(self) -> None:
        """Until the server answers."""
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the page's server did not come up")

    def gate_pids(self) -> list[int]:
        """The emulated gate's process."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "demo_world"],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(word) for word in found.stdout.split()]

    def stop(self) -> None:
        """End it and what it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests here."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    running.wait()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(demo: Demo, browser: Browser) -> Iterator[Page]:
    """The page, drawn."""
    opened = browser.new_page(viewport={"width": 1360, "height": 1000}, bypass_csp=True)
    opened.goto(f"http://{demo.address}/")
    opened.wait_for_selector("#kinds button")
    yield opened
    opened.close()


def until(page: Page, condition: str, within_ms: int = 60_000) -> None:
    """Wait for a JavaScript condition."""
    page.wait_for_function(condition, timeout=within_ms)


def says(phase: str) -> str:
    """The staff's panel shows this phase."""
    return f"document.getElementById('phase').textContent === '{phase}'"


def test_a_traveller_walks_through_on_the_page(page: Page, browser: Browser) -> None:
    """Sent by a click, drawn as a body, counted when admitted; a second browser sees the same."""
    page.click("[data-kind=admitted]")
    until(page, "document.querySelectorAll('#bodies .body').length === 1")
    until(page, "document.getElementById('counts').textContent.includes('admit')")
    other = browser.new_page(bypass_csp=True)
    other.goto(page.url)
    until(other, "document.getElementById('counts').textContent.includes('admit')")
    other.close()
    until(page, says("ready"))


def test_the_travellers_panel_is_the_same_for_every_referral(page: Page) -> None:
    """A ban, an expired passport and a missing enrolment look alike; only staff read the rule."""
    panels = set()
    for kind, rule in (
        ("banned", "DEP-BAN-10"),
        ("expired_passport", "NGT-01"),
        ("not_enrolled", "NGT-02"),
    ):
        until(page, says("ready"))
        page.click(f"[data-kind={kind}]")
        until(page, says("referred"))
        panels.add(page.inner_html("#panel"))
        assert rule in page.inner_text("#passage")
        assert rule not in page.inner_text("#panel")
        page.reload()
        page.wait_for_selector("#kinds button")
    assert len(panels) == 1


def test_everybody_can_read_and_use_the_page(page: Page) -> None:
    """Axe finds nothing serious, contrast included: at rest, with an officer called, on a phone."""
    until(page, says("ready"))
    found = violations(page)
    page.click("[data-kind=banned]")
    until(page, says("referred"))
    found |= violations(page)
    page.set_viewport_size({"width": 390, "height": 840})
    found |= violations(page)
    assert not found
    until(page, says("ready"))


def violations(page: Page) -> set[str]:
    """What axe calls serious or critical: rule and place."""
    result = Axe().run(page).response["violations"]
    return {
        f"{rule['id']}: {place['target']} {place.get('failureSummary', '')}"
        for rule in result
        if rule["impact"] in ("serious", "critical")
        for place in rule["nodes"]
    }


def test_the_page_heals_when_the_gates_process_is_killed(demo: Demo, page: Page) -> None:
    """The page says that the gate does not answer, and goes on by itself once it is back."""
    for pid in demo.gate_pids():
        os.kill(pid, signal.SIGKILL)
    until(page, "document.getElementById('link').textContent === 'gate does not answer'")
    until(page, "document.getElementById('link').textContent === 'gate connected'")
    until(page, says("ready"))


def ask(demo: Demo, talk: Callable[[Any], Any], **headers: str) -> Any:
    """Open the socket as a program does."""
    with connect(f"ws://{demo.address}/views", additional_headers=headers) as link:
        return talk(link)


def test_a_foreign_page_gets_no_socket(demo: Demo) -> None:
    """Another origin or host name is refused: no foreign page presses an officer's button."""
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        with pytest.raises(InvalidStatus):
            ask(demo, lambda link: link.recv(), **headers)


def test_no_name_or_full_number_reaches_the_page(demo: Demo) -> None:
    """Views hold the masked number and no identifier of the holder."""

    def talk(link: Any) -> list[str]:
        link.send(json.dumps({"send": "admitted"}))
        heard = [str(link.recv(60))]
        while len(heard) < 5 or json.loads(heard[-1])["demo"]["now"] is not None:
            heard.append(str(link.recv(60)))
        return heard

    text = "".join(ask(demo, talk))
    assert "*******" in text
    assert not re.search(r"M\d{3}[A-H]\d{4}|<<", text)


def test_a_device_is_broken_and_mended_on_the_page(page: Page) -> None:
    """A fault set in the panel stands at the gate, is shown, and is gone when mended."""
    page.select_option("#faults select >> nth=0", "reader")
    page.select_option("#faults select >> nth=1", "unplugged")
    page.select_option("#faults select >> nth=3", "")
    page.click("text=break it")
    until(
        page,
        "document.getElementById('devices').textContent.includes('document reader: does not serve')",
    )
    page.click("#standing button")
    until(page, "document.getElementById('standing').textContent === 'nothing is broken'")
    until(page, "!document.getElementById('devices').textContent.includes('does not serve')")
