"""Names to the letters of an MRZ, after the table of ICAO 9303-3 section 6 (Latin letters)."""

import unicodedata

from models.mrz.layout import FILLER, LETTERS

_SPECIAL = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "ı": "I", "Ĳ": "IJ", "ĸ": "Q",
    "Ł": "L", "Ŀ": "L", "Ŋ": "N", "Ö": "OE", "Ø": "OE", "Œ": "OE", "ß": "SS", "ẞ": "SS",
    "Þ": "TH", "Ŧ": "T", "Ü": "UE", "Ə": "E", "ʼN": "N",
}  # fmt: skip
_OMITTED = "'’ʼ`´.,"


def transliterate(name: str) -> str:
    """The name in A to Z with single fillers between its parts.

    Apostrophes are omitted and hyphens become fillers (9303-3, 4.6). ValueError for a letter that
    the Latin table does not have: names in other scripts are transliterated by the issuing state.
    """
    out = [_letter(x) for x in unicodedata.normalize("NFC", name)]
    return FILLER.join(filter(None, "".join(out).split(FILLER)))


def _letter(character: str) -> str:
    if character in _OMITTED:
        return ""
    if character in " -‐‑–" + FILLER:
        return FILLER
    upper = character if character in _SPECIAL else character.upper()
    if upper in _SPECIAL:
        return _SPECIAL[upper]
    base = unicodedata.normalize("NFD", upper)[0]
    if base not in LETTERS:
        raise ValueError("a name holds a character that the Latin table of 9303-3 does not have")
    return base
