"""MRZ lines into the gate's `Document`, by `models.mrz.text`."""

from collections.abc import Callable, Sequence
from datetime import date

from gate.vocabulary.documents import Document
from models.mrz.dates import PartialDate
from models.mrz.text import MrzReading, parse


def document_parser(today: Callable[[], date]) -> Callable[[Sequence[str]], Document | None]:
    """A parser whose century rule uses `today`; text that is no MRZ gives None."""

    def parsed(lines: Sequence[str]) -> Document | None:
        try:
            reading = parse(lines, today())
        except ValueError:
            return None
        return document_of(reading)

    return parsed


def document_of(reading: MrzReading) -> Document:
    """The fields that the gate keeps."""
    return Document(
        document_code=reading.document_code,
        issuing_state=reading.issuing_state,
        document_number=reading.document_number,
        nationality=reading.nationality,
        primary_identifier=reading.primary_identifier,
        secondary_identifier=reading.secondary_identifier,
        date_of_birth=_iso(reading.date_of_birth),
        sex=reading.sex,
        date_of_expiry=_iso(reading.date_of_expiry),
        check_digits_ok=reading.valid,
    )


def _iso(partial: PartialDate) -> str | None:
    exact = partial.exact()
    return exact.isoformat() if exact else None
