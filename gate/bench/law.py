"""How long one decision of the law takes with the traveller's view loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from statistics import median, quantiles
from time import perf_counter_ns
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.vocabulary.facts import Facts
    from gate.vocabulary.parameters import Parameters

AT = "2025-06-02T09:00:00+09:00"
TARGET_US = 40.0
"""Most that the median of the slowest kind of traveller may take."""


def command(
    decisions: Annotated[int, typer.Option(help="Decisions per kind of traveller.")] = 20_000,
) -> None:
    """One decision of the law, view loaded: at most 40 us median."""
    from gate.vocabulary.parameters import parameters_from

    text = files("gate.law").joinpath("parameters.toml").read_text("utf-8")
    parameters = parameters_from(text)
    worst_us = 0.0
    for name, facts in travellers().items():
        times_us = timed_us(facts, parameters, decisions)
        p95_us = quantiles(times_us, n=20)[-1]
        worst_us = max(worst_us, median(times_us))
        print(f"{name:34} median {median(times_us):6.1f} us   p95 {p95_us:6.1f} us")
    print(f"slowest median {worst_us:.1f} us, target {TARGET_US:.0f} us")
    raise typer.Exit(1 if worst_us > 2 * TARGET_US else 0)


def timed_us(facts: Facts, parameters: Parameters, decisions: int) -> list[float]:
    """Microseconds of each of so many exit decisions on the same facts."""
    from gate.law import decide
    from gate.vocabulary.decisions import Stage

    at = datetime.fromisoformat(AT)
    times_us = []
    for _ in range(decisions):
        start = perf_counter_ns()
        decide(facts, at, Stage.EXIT, parameters)
        times_us.append((perf_counter_ns() - start) / 1000)
    return times_us


def travellers() -> dict[str, Facts]:
    """Kinds of travellers, from plain to heavily recorded."""
    from gate.vocabulary.facts import facts_from

    national = facts_from(_national())
    alien = facts_from(_alien())
    banned = facts_from({**_national(), **_bans()})
    return {
        "national departing": national,
        "national entering": replace(national, direction=alien.direction),
        "alien entering": alien,
        "alien departing": replace(alien, direction=national.direction),
        "national with six bans departing": banned,
    }


def _base(category: str, state: str) -> dict[str, Any]:
    identity = {"nationality": state, "name": "BENCH<<TRAVELLER", "dob": "1985-09-30", "sex": "F"}
    return {
        "person": {
            "person_id": "bench-1",
            "category": category,
            "resident_registered": category == "national",
            "military_status": "not_liable",
            **identity,
        },
        "passport": {
            "number": "X00000000",
            "issuing_state": state,
            "expiry": "2031-12-31",
            "mrz_ok": True,
            "authenticity": "ok",
            **identity,
        },
        "enrolment": {
            "status": "active",
            "enrolled_at": "2024-01-15T10:00:00+09:00",
            "has_face": True,
            "has_finger": True,
        },
        "consents": [{"kind": "self", "given_at": "2024-01-15T10:00:00+09:00"}],
        "biometric_sources": ["ses"],
        "live": {"face_match": True, "finger_match": True},
        "store": {"synced_at": "2025-06-02T09:00:00+09:00", "max_age_min": 10},
    }


def _national() -> dict[str, Any]:
    return {**_base("national", "KOR"), "direction": "departure"}


def _alien() -> dict[str, Any]:
    base = _base("alien", "UTO")
    passport, person = base["passport"], base["person"]
    record = {name: person[name] for name in ("name", "dob", "sex", "nationality")}
    return {
        **base,
        "direction": "entry",
        "kis_record": {**record, "passport_number": passport["number"]},
        "alien_registration": {"status": "valid", "valid_until": "2027-03-31"},
        "stay": {"status_code": "D-8", "stay_until": "2027-03-31"},
        "permits": [
            {
                "kind": "reentry",
                "valid_from": "2024-01-01",
                "valid_until": "2026-12-31",
                "entries": "multiple",
            }
        ],
    }


def _bans() -> dict[str, Any]:
    def ban(number: int) -> dict[str, Any]:
        return {
            "ban_id": f"bench-ban-{number}",
            "ground": "4(1)1",
            "start_date": f"2025-01-{number + 1:02d}",
            "unit": "month",
            "length": number + 1,
        }

    return {"departure_bans": [ban(number) for number in range(6)]}
