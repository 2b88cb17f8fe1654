"""`egate selftest`: ask a running gate to test itself, and say what it found."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

BEGINS_S = 5.0
ENDS_S = 130.0


def command(
    config: Annotated[Path | None, typer.Option(help="The gate's gate.toml.")] = None,
    officer: Annotated[str, typer.Option(help="Who stands by; kept in the journal.")] = "",
) -> None:
    """Test each relay, contact, sensor and device of a running gate, and its interlock.

    Both doors open, one after the other: somebody must stand by. Exits 1 when something failed.
    """
    from gate.config import load

    control = load(config).control_path
    try:
        failures = asyncio.run(_tested(control, officer or getpass.getuser()))
    except TimeoutError:  # an OSError as well
        _refuse("the gate did not end its test in time: see its log")
    except OSError:
        _refuse(f"no gate answers at {control}: start it with egate run, or give its --config")
    for failure in failures:
        print(f"FAILED  {failure}")
    print("the gate is out of service until a test passes" if failures else "every test passed")
    raise typer.Exit(1 if failures else 0)


async def _tested(control: Path, officer: str) -> list[str]:
    from gate.control import connect

    tell, hear = await connect(control)
    await tell({"act": "self_test", "officer_id": officer})
    try:
        async with asyncio.timeout(BEGINS_S):
            view = await _until(hear, lambda test: test["under_way"])
    except TimeoutError:
        _refuse("the gate does not begin: it tests itself only while it is ready or out of service")
    async with asyncio.timeout(ENDS_S):
        view = await _until(hear, lambda test: not test["under_way"])
    return list(view["self_test"]["failures"])


async def _until(hear: Any, told: Any) -> dict[str, Any]:
    while (message := await hear()) is not None:
        view: dict[str, Any] = message.get("view", {})
        if "self_test" in view and told(view["self_test"]):
            return view
    raise ConnectionError("the gate went away")


def _refuse(text: str) -> Any:
    print(f"egate selftest: {text}", file=sys.stderr)
    raise typer.Exit(2)
