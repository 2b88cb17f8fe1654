"""`egate selftest` and `egate watch` as processes."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

from gate.bench.live import Live

EGATE = [sys.executable, "-m", "gate.cli"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """One call of the command line."""
    return subprocess.run([*EGATE, *words], capture_output=True, text=True, check=False, timeout=90)


def test_without_a_gate_selftest_says_what_to_start(tmp_path: Path) -> None:
    """Nobody listens: exit code 2 and one line that says what to do."""
    config = tmp_path / "gate.toml"
    config.write_text(f'state = "{tmp_path}"\n', encoding="utf-8")
    done = run("selftest", "--config", str(config))
    assert done.returncode == 2
    assert "start it with egate run" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_gate_tests_itself_and_is_watched_without_controller(tmp_path: Path) -> None:
    """Over real processes: every test passes; with the controller killed, shut in means alarm."""

    async def story() -> None:
        live = Live(tmp_path)
        config = str(tmp_path / "gate.toml")
        try:
            await live.start_all()
            await live.until("ready")
            done = await asyncio.to_thread(run, "selftest", "--config", config)
            assert (done.returncode, done.stdout) == (0, "every test passed\n")
            live.kill("gate")
            await live.word("doors", "BODY somebody ADD inside")
            words = ["watch", "--config", config, "--occupied-s", "1"]
            watch = await asyncio.create_subprocess_exec(
                *EGATE, *words, stderr=asyncio.subprocess.PIPE
            )
            assert watch.stderr is not None
            told = ""
            async with asyncio.timeout(30):
                while told != "alarm_occupied":
                    told = json.loads(await watch.stderr.readline())["event"]
                watch.send_signal(signal.SIGTERM)
                assert await watch.wait() == 0
            doors = (await live.word("doors", "STATE"))["doors"]
            assert not any(door["released"] for door in doors.values())
        finally:
            live.stop_all()

    asyncio.run(story())
