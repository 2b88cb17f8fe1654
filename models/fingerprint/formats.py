"""Any record of minutiae to templates: the format is told from the bytes."""

from models.fingerprint.records import MAGIC, decode, to_template
from models.fingerprint.records_2011 import decode_2011, is_2011
from models.fingerprint.records_card import decode_card, form_of, is_card
from models.fingerprint.values import Template


def is_record(data: bytes) -> bool:
    """Do these bytes claim to be minutiae in a format that `templates` reads, and not an image?"""
    return data[:4] == MAGIC[:4] or is_card(data)


def templates(data: bytes) -> list[Template]:
    """All views of a record, ISO/IEC 19794-2 (2005, 2011, card) or ANSI 378-2004. Raises ValueError that says what is wrong."""
    if is_card(data):
        return [decode_card(data, form_of(data))]
    if is_2011(data):
        return [to_template(one.record) for one in decode_2011(data)]
    record = decode(data)
    return [to_template(record, view) for view in range(len(record.views))]
