"""The numbers of the law as one frozen value, read from the text of `parameters.toml`.

Every number stands there with its unit, its article and the day it came into force, so that
a change of law is a change of that file and a past decision can be replayed with the numbers
of its own day.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from gate.vocabulary.records import Evidence


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from: its unit, its article and since when it is in force."""

    value: int | bool | str
    unit: str
    article: str
    in_force: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All numbers and switches of the law; the units stand at the end of the names.

    `sources`: for each name where it comes from. `text_hash`: SHA-256 of the text (hex).
    """

    national_minimum_age_years: int
    own_consent_age_years: int
    alien_minimum_age_years: int
    penalty_threshold_krw: int
    penalty_window_years: int
    deportation_bar_years: int
    cap_4_1_months: int
    cap_4_2_months: int
    cap_4_2_1_months: int
    fine_threshold_krw: int
    surcharge_threshold_krw: int
    tax_threshold_krw: int
    extension_filing_days: int
    hidden_notice_months: int
    objection_days: int
    objection_decision_days: int
    objection_extension_days: int
    objection_extensions: int
    emergency_penalty_years: int
    emergency_lodging_h: int
    emergency_approval_h: int
    entry_permit_months: int
    entry_permit_posted_months: int
    exemption_request_h: int
    short_stay_days: int
    conditional_entry_h: int
    bond_krw: int
    forfeit_no_shows: int
    crew_landing_days: int
    crew_multi_months: int
    tourism_landing_days: int
    emergency_landing_days: int
    distress_landing_days: int
    refugee_landing_days: int
    store_max_age_min: int
    e_notice_accepted: bool
    authenticity_evidence: Evidence
    version: str
    text_hash: str
    sources: tuple[tuple[str, Source], ...]

    def source(self, name: str) -> Source:
        """Where the number `name` comes from; raises `KeyError` where there is none."""
        return dict(self.sources)[name]


_WITHOUT_SOURCE = {"version", "text_hash", "sources"}


def parameters_from(text: str) -> Parameters:
    """Return the parameters that a TOML text states.

    Raises `ValueError` naming the table and what is wrong with it.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"parameters: not TOML: {error}") from None
    version = tables.pop("version", None)
    if not isinstance(version, str):
        raise ValueError("parameters: version is missing")
    expected = {item.name for item in fields(Parameters)} - _WITHOUT_SOURCE
    if tables.keys() != expected:
        odd = sorted(tables.keys() ^ expected)
        raise ValueError(f"parameters: missing or unknown: {', '.join(odd)}")
    return _built(tables, version, hashlib.sha256(text.encode()).hexdigest())


def parameters_to(parameters: Parameters) -> dict[str, Any]:
    """Return the JSON form, to be kept beside the decisions that rest on it."""
    tables = {
        name: {
            "value": source.value,
            "unit": source.unit,
            "article": source.article,
            "in_force": source.in_force.isoformat(),
        }
        for name, source in parameters.sources
    }
    return {"version": parameters.version, "text_hash": parameters.text_hash, "tables": tables}


def parameters_back(form: Mapping[str, Any]) -> Parameters:
    """Return the parameters that `parameters_to` wrote.

    Raises `ValueError` or `KeyError` where a number is missing: they are of another version.
    """
    tables = {
        name: {**table, "in_force": date.fromisoformat(table["in_force"])}
        for name, table in form["tables"].items()
    }
    return _built(tables, form["version"], form["text_hash"])


def with_least_evidence(parameters: Parameters, evidence: Evidence, article: str) -> Parameters:
    """Return the parameters with the stricter of two demands on a passport's examination.

    `article`: who demands it. The hash tells the changed parameters from the text they came of.
    """
    order = list(Evidence)
    if order.index(evidence) <= order.index(parameters.authenticity_evidence):
        return parameters
    name = "authenticity_evidence"
    source = replace(parameters.source(name), value=evidence.value, article=article)
    told = f"{parameters.text_hash} {name} {evidence.value}"
    return replace(
        parameters,
        authenticity_evidence=evidence,
        text_hash=hashlib.sha256(told.encode()).hexdigest(),
        sources=tuple((key, source if key == name else old) for key, old in parameters.sources),
    )


def _built(tables: Mapping[str, Any], version: str, text_hash: str) -> Parameters:
    kinds = {item.name: str(item.type) for item in fields(Parameters)}
    sources = {name: _source(name, table) for name, table in tables.items()}
    values = {name: _value(name, kinds[name], sources[name].value) for name in sources}
    return Parameters(
        **values,
        version=version,
        text_hash=text_hash,
        sources=tuple(sorted(sources.items(), key=lambda item: item[0])),
    )


def _source(name: str, table: Any) -> Source:
    if not isinstance(table, Mapping) or table.keys() != {"value", "unit", "article", "in_force"}:
        raise ValueError(f"parameters: {name} needs value, unit, article and in_force")
    if not isinstance(table["in_force"], date):
        raise ValueError(f"parameters: {name}.in_force must be a date")
    return Source(table["value"], table["unit"], table["article"], table["in_force"])


def _value(name: str, kind: str, value: object) -> Any:
    if kind == "Evidence":
        for evidence in Evidence:
            if evidence.value == value:
                return evidence
        words = ", ".join(evidence.value for evidence in Evidence)
        raise ValueError(f"parameters: {name}.value must be one of {words}")
    good = isinstance(value, bool) if kind == "bool" else type(value) is int and value >= 0
    if not good:
        raise ValueError(f"parameters: {name}.value must be {kind}")
    return value
