"""What holds for every test: hypothesis settings, and no skip without a written reason.

With EGATE_FORBID_SKIPS set (as `.ci/run` does), a skipped test or module fails the run unless a
line of `allowed_skips.txt` names it: `pattern of the node id | reason`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ALLOWED = Path(__file__).parent / "allowed_skips.txt"

# Machines are noisy: a slow example is no finding. The same examples on every machine.
settings.register_profile(
    "egate", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("egate")

_skipped: dict[str, str] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--bench FILE` names real devices for the conformance suites; without it they are skipped."""
    parser.addoption("--bench", default=None, help="bench.toml with the real devices")


def allowed_patterns(text: str) -> Iterator[str]:
    """Return the node id patterns of an allow-list. Raises ValueError for a line without reason."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, _, reason = line.partition("|")
        if not reason.strip():
            raise ValueError(f"allowed_skips.txt:{number}: a reason is missing after |")
        yield pattern.strip()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a skipped test; with xdist this runs in the controller for every worker."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped[report.nodeid] = _reason(report.longrepr)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a module skipped as a whole."""
    if report.skipped:
        _skipped[report.nodeid] = _reason(report.longrepr)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if something was skipped that the list does not name."""
    if not os.environ.get("EGATE_FORBID_SKIPS") or hasattr(session.config, "workerinput"):
        return
    if _unlisted() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each such skip."""
    if os.environ.get("EGATE_FORBID_SKIPS"):
        for node, reason in _unlisted().items():
            terminalreporter.write_line(f"SKIP NOT ALLOWED {node}: {reason}", red=True)


def _unlisted() -> dict[str, str]:
    patterns = list(allowed_patterns(ALLOWED.read_text(encoding="utf-8")))
    return {n: r for n, r in _skipped.items() if not any(fnmatch(n, p) for p in patterns)}


def _reason(longrepr: object) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
