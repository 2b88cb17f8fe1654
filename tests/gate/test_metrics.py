"""Figures of real passages through an emulated gate, read back by Prometheus' own parser."""

from __future__ import annotations

import asyncio
import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gate.bench.stories import tell
from gate.metrics import BY_CHECK, UNTOLD, Metrics, word
from gate.metrics_page import page, serve
from gate.vocabulary.reasons import Reason

NOW = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
KINDS = [
    "admitted",
    "banned",
    "expired_passport",
    "face_mismatch",
    "reader_unplugged",
    "nobody_entered",
]


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    """After one traveller of each kind."""
    seen = Metrics()
    tell(KINDS, seed=7, say=lambda line: None, observer=seen)
    return seen


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample, by name and label values."""
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_happened_is_counted(metrics: Metrics) -> None:
    """Outcomes, captures, failures and reconnects, commits, referrals, store age."""
    found = samples(metrics.text(NOW, NOW - timedelta(minutes=3)))
    assert found["egate_passages_total", ("admit",)] == 1
    assert found["egate_passages_total", ("refer",)] == 4
    assert found["egate_passages_total", ("abandoned",)] == 1
    assert found["egate_captures_total", ("face", "match")] == 1
    assert found["egate_captures_total", ("face", "non_match")] == 1
    assert found["egate_device_failures_total", ("reader", "unplugged")] == 1
    assert found["egate_device_reconnects_total", ("reader",)] == 1
    assert found["egate_device_up", ("reader",)] == 1
    assert found["egate_commit_seconds_count", ()] == 1
    assert found["egate_referrals_total", ("check",)] == 3
    assert found["egate_store_age_seconds", ()] == 180
    assert found["egate_phase_seconds_count", ("capturing",)] == 2
    assert sum(v for (name, _), v in found.items() if name == "egate_phase") == 1
    assert found["process_open_fds", ()] > 0
    assert math.isnan(samples(metrics.text(NOW, None))["egate_store_age_seconds", ()])


def test_no_person_and_no_ban_can_be_read(metrics: Metrics) -> None:
    """No number, name or reference; a referral by a ban looks like one by chance or by date."""
    text = re.sub(r" [-+.e\d]+$", "", metrics.text(NOW, NOW), flags=re.MULTILINE)
    assert not re.search(r"M\d{3}[A-H]|\*\*\*|<<|\b[0-9a-f]{16,}\b|person-|law|random", text)
    assert {word(reason) for reason in BY_CHECK} == {"check"}
    assert {Reason.LAW, Reason.RANDOM, Reason.FACTS_KEPT_CHANGING} <= BY_CHECK
    assert Reason.LATE_RECORD in UNTOLD
    assert "late_record" not in text


def test_the_page_answers_on_this_machine_only(metrics: Metrics) -> None:
    """/metrics and /, nothing else, and not by a foreign host name."""

    async def ask(port: int, request: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer.decode()

    async def text() -> str:
        return metrics.text(NOW, NOW)

    async def story() -> None:
        server = await serve(text, 0)
        host, port = server.sockets[0].getsockname()
        assert host == "127.0.0.1"
        good = await ask(port, f"GET /metrics HTTP/1.1\nHost: 127.0.0.1:{port}")
        assert good.startswith("HTTP/1.0 200")
        assert samples(good.partition("\r\n\r\n")[2])
        table = await ask(port, "GET / HTTP/1.0\nHost: localhost")
        assert "<td>passages_total</td>" in table
        for request, status in (
            ("GET /x HTTP/1.0", "404"),
            ("POST /metrics HTTP/1.0", "405"),
            ("GET /metrics HTTP/1.1\nHost: evil.example", "421"),
        ):
            assert (await ask(port, request)).split()[1] == status
        assert await ask(port, "G" * 9000) == ""
        server.close()
        await server.wait_closed()

    asyncio.run(story())


def test_the_table_holds_what_the_text_holds(metrics: Metrics) -> None:
    """One row for each sample that is no bucket."""
    text = metrics.text(NOW, NOW)
    rows = page(text).count("<tr>")
    kept = [k for k in samples(text) if not k[0].endswith(("_bucket", "_created"))]
    assert rows == len(kept)
