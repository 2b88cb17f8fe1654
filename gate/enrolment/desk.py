"""One application from the document to the committed references, in the order of the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gate.law.common import neutral_message
from gate.law.decide import decide_enrolment
from gate.ports import Captured, EnrolmentRecords, EnrolmentStation
from gate.vocabulary.decisions import EnrolmentDecision, EnrolmentVerdict, TravellerMessage
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import Capture, Consent, ConsentKind, Documents

FACE, FINGER = "face", "finger"
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody at the desk: the booklet as it was read, and what was signed and shown there."""

    document: Document
    person_id: str
    id_card: bool = False
    own_consent: bool = False
    guardian_consent: bool = False
    family_certificate: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application came to. The applicant is told `message` and nothing else.

    `duplicates`: ids of persons who are alike; then an officer has to look. `findings`: words for
    what was wrong with the samples.
    """

    verdict: EnrolmentVerdict
    message: TravellerMessage | None
    decision: EnrolmentDecision
    duplicates: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def enrolled(self) -> bool:
        """Whether references were committed."""
        return self.verdict is EnrolmentVerdict.ACCEPT


class EnrolmentDesk:
    """The use case; `station` and `records` are ports."""

    def __init__(
        self, station: EnrolmentStation, records: EnrolmentRecords, parameters: Parameters
    ) -> None:
        self._station = station
        self._records = records
        self._parameters = parameters

    async def enrol(self, application: Application, at: datetime) -> Answer:
        """Eligibility, capture, quality, duplicates, commit. `at`: aware instant of the signature.

        Nothing is captured of whom the law refuses, and nothing is kept of whom it is refused
        later. Raises DeviceError, StoreError.
        """
        facts = self._facts(application, at)
        eligible = decide_enrolment(_with_capture(facts, Captured(_BOTH)), at, self._parameters)
        if eligible.verdict is not EnrolmentVerdict.ACCEPT:
            return Answer(eligible.verdict, eligible.traveller_message, eligible)
        captured = await self._station.capture(at.astimezone(SEOUL).date())
        decision = decide_enrolment(_with_capture(facts, captured), at, self._parameters)
        if decision.verdict is not EnrolmentVerdict.ACCEPT:
            message = decision.traveller_message
            return Answer(decision.verdict, message, decision, findings=captured.findings)
        alike = await self._station.duplicates(captured, application.person_id)
        if alike:
            message = neutral_message(True, at_gate=False)
            return Answer(EnrolmentVerdict.REFER, message, decision, duplicates=alike)
        records = tuple(_records(application, at))
        self._records.enrol(application.person_id, records, captured.templates)
        return Answer(decision.verdict, decision.traveller_message, decision)

    def _facts(self, application: Application, at: datetime) -> Facts:
        held = self._records.facts(application.document, at)
        consents = (*held.consents, *_consents(application, at))
        papers = Documents(id_card=application.id_card)
        return replace(held, consents=consents, documents=papers)


_BOTH: Mapping[str, bytes] = {FACE: b"", FINGER: b""}


def _with_capture(facts: Facts, captured: Captured) -> Facts:
    taken = captured.templates
    return replace(facts, capture=Capture(face_ok=FACE in taken, finger_ok=FINGER in taken))


def _consents(application: Application, at: datetime) -> Iterator[Consent]:
    if application.own_consent:
        yield Consent(kind=ConsentKind.SELF, given_at=at)
    if application.guardian_consent:
        yield Consent(
            kind=ConsentKind.GUARDIAN,
            given_at=at,
            family_certificate=application.family_certificate,
        )


def _records(application: Application, at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    for consent in _consents(application, at):
        content: dict[str, Any] = {"kind": consent.kind.value, "given_at": at.isoformat()}
        if consent.family_certificate:
            content["family_certificate"] = True
        yield "consent", content
    enrolled = {"status": "active", "enrolled_at": at.isoformat()}
    yield "enrolment", {**enrolled, "has_face": True, "has_finger": True}
    yield "biometric_source", {"value": "ses"}
