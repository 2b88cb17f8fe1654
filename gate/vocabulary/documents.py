"""The document a traveller presents, as its machine-readable zone states it."""

from dataclasses import dataclass, field

from gate.vocabulary.records_person import Authenticity, Evidence


@dataclass(frozen=True, slots=True)
class Document:
    """Fields of the MRZ (ICAO 9303-4 section 4.2); optional data is never kept.

    Dates are ISO 8601 calendar dates; an unknown part is `None` for the whole date.
    `examined_by`: which device vouches for `authenticity`; a reader that only hands over the printed
    lines vouches for nothing.
    `repr` shows neither number nor names, so that no exception text can.
    """

    document_code: str
    issuing_state: str
    document_number: str = field(repr=False)
    nationality: str
    primary_identifier: str = field(repr=False)
    secondary_identifier: str = field(repr=False)
    date_of_birth: str | None = field(repr=False)
    sex: str
    date_of_expiry: str | None
    check_digits_ok: bool
    examined_by: Evidence = Evidence.NONE
    authenticity: Authenticity = Authenticity.NOT_EXAMINED

    @property
    def masked_number(self) -> str:
        """First and last character of the number; the rest hidden."""
        number = self.document_number
        return f"{number[:1]}{'*' * max(len(number) - 2, 1)}{number[-1:]}"
