"""The enrolment desk over a real store: who may, with what consent, and nobody twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gate.adapters.mrz_text import document_parser
from gate.bench.people import ban, cast_of
from gate.enrolment.desk import Answer, Application, EnrolmentDesk
from gate.ports import Captured
from gate.store import SiteKeys, Store, StoreError
from gate.store.references import StoreEnrolment, StoreReferences
from gate.vocabulary.decisions import EnrolmentVerdict
from gate.vocabulary.facts import Direction
from gate.vocabulary.parameters import parameters_from
from gate.vocabulary.passages import CaptureKind

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
GOOD = Captured({"face": b"a face", "finger": b"a finger"})
MADE = {"consent", "enrolment", "biometric_source", "departure_ban"}


class Station:
    """Hands out what was prepared and counts how often it was asked."""

    def __init__(self, captured: Captured = GOOD, alike: tuple[str, ...] = ()) -> None:
        self.captured, self.alike, self.captures = captured, alike, 0

    async def capture(self, on: date) -> Captured:
        """See `ports.EnrolmentStation`."""
        self.captures += 1
        return self.captured

    async def duplicates(self, captured: Captured, person_id: str) -> tuple[str, ...]:
        """See `ports.EnrolmentStation`."""
        return self.alike


class Site:
    """A store with one applicant's records in it."""

    def __init__(self, folder: Path) -> None:
        self.keys = SiteKeys.from_file(folder / "master.key", create=True)
        self.path = folder / "store.db"
        cast = cast_of("admitted", 1, NOW.date(), Random(4))
        document = document_parser(NOW.date)(cast.traveller.lines)
        assert document is not None
        self.person_id = cast.traveller.person_id
        self.application = Application(document, self.person_id, id_card=True, own_consent=True)
        with self.open(create=True) as store:
            store.append_records(record for record in cast.records if record.kind not in MADE)
            store.record_sync(NOW, "test")

    def open(self, *, create: bool = False) -> Store:
        """The store."""
        return Store.open(self.path, keys=self.keys, utc_now=lambda: NOW, create=create)

    def enrol(self, station: Station, application: Application | None = None) -> Answer:
        """One application at the desk."""
        records = StoreEnrolment(self.open, Direction.DEPARTURE, "desk")
        shipped = resources.files("gate.law").joinpath("parameters.toml").read_text("utf-8")
        desk = EnrolmentDesk(station, records, parameters_from(shipped))
        return asyncio.run(desk.enrol(application or self.application, NOW))

    def held(self) -> Mapping[str, bytes]:
        """The applicant's templates."""
        return asyncio.run(StoreReferences(self.open).templates_of(self.person_id))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A fresh one."""
    return Site(tmp_path)


def test_an_eligible_applicant_is_enrolled(site: Site) -> None:
    """Records and templates are committed together, and the law sees the membership."""
    answer = site.enrol(Station())
    assert answer.enrolled
    assert answer.message is None
    assert site.held() == GOOD.templates
    with site.open() as store:
        facts = store.load_facts(site.application.document, NOW).facts
    assert facts.enrolment is not None
    assert facts.enrolment.has_face
    assert len(facts.consents) == 1


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"own_consent": False}, "SES-ELG-07"), ({"id_card": False}, "SES-ELG-04")],
)
def test_nothing_is_captured_of_whom_the_law_stops(
    site: Site, change: dict[str, Any], rule: str
) -> None:
    """Without consent, or unidentified, no sample is taken at all."""
    station = Station()
    answer = site.enrol(station, replace(site.application, **change))
    assert not answer.enrolled
    assert rule in answer.decision.rule_ids
    assert station.captures == 0
    assert not site.held()


def test_poor_samples_are_refused(site: Site) -> None:
    """A characteristic without a template is not enrolled; the officer reads why."""
    poor = Captured({"face": b"a face"}, ("too_dry",))
    answer = site.enrol(Station(poor))
    assert answer.verdict is EnrolmentVerdict.DENY
    assert "SES-INE-01" in answer.decision.rule_ids
    assert answer.findings == ("too_dry",)
    assert not site.held()


def test_somebody_alike_is_looked_at_by_an_officer(site: Site) -> None:
    """A duplicate is referred and nothing is kept of the applicant."""
    answer = site.enrol(Station(alike=("person-00099",)))
    assert answer.verdict is EnrolmentVerdict.REFER
    assert answer.duplicates == ("person-00099",)
    assert not site.held()


def test_every_refusal_reads_alike(site: Site) -> None:
    """Banned, unconsenting, poor or duplicate: the applicant is told the same."""
    messages = {
        site.enrol(Station(), replace(site.application, own_consent=False)).message,
        site.enrol(Station(Captured({}))).message,
        site.enrol(Station(alike=("person-00099",))).message,
    }
    with site.open() as store:
        store.append_records([ban(site.person_id, NOW.date())])
    banned = site.enrol(Station())
    assert "SES-INE-02" in banned.decision.rule_ids
    messages.add(banned.message)
    assert len(messages) == 1
    assert None not in messages


def test_erasure_destroys_the_templates(site: Site) -> None:
    """After erasure no template can be read, the file holds none, and the chain still verifies."""
    site.enrol(Station())
    with site.open() as store:
        store.erase_person(site.person_id, "officer-1", "asked for it")
        assert store.templates_of(site.person_id) == {}
        assert store.templates_of_everybody("face") == {}
        assert store.verify().holds
        with pytest.raises(StoreError):
            store.erase_person(site.person_id, "officer-1", "again")


def test_templates_are_sealed(site: Site) -> None:
    """No byte of a template stands in the files."""
    marked = Captured({"face": b"FACE-TEMPLATE-MARK", "finger": b"FINGER-TEMPLATE-MARK"})
    site.enrol(Station(marked))
    for file in site.path.parent.iterdir():
        assert b"TEMPLATE-MARK" not in file.read_bytes()


def test_a_renewal_replaces_the_reference(site: Site) -> None:
    """The latest template counts, for verification and for the search of duplicates."""
    site.enrol(Station())
    site.enrol(Station(Captured({"face": b"newer", "finger": b"newer"})))
    assert site.held() == {"face": b"newer", "finger": b"newer"}
    assert StoreReferences(site.open).everybody(CaptureKind.FACE) == {site.person_id: b"newer"}


def test_projections_are_the_same_when_made_again(site: Site) -> None:
    """Template events change no projection."""
    site.enrol(Station())
    with site.open() as store:
        before = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == before
        assert store.templates_of(site.person_id) == GOOD.templates
