"""The page brings the Korean letters that it shows: a gate's machine may have no such font."""

import hashlib
import re
from pathlib import Path

from gate.web import app

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
FONTS = app.STATIC / "fonts"


def shown() -> set[str]:
    """Every Korean letter in what the page is made of."""
    parts: list[Path] = [p for p in app.STATIC.iterdir() if p.suffix in (".js", ".html", ".css")]
    return {letter for part in parts for letter in HANGUL.findall(part.read_text("utf-8"))}


def test_every_korean_letter_of_the_page_is_in_its_font() -> None:
    """A letter that the font lacks is named here before a traveller sees an empty box."""
    syllables = re.search(r"^Syllables: (.+)$", (FONTS / "SOURCES.md").read_text("utf-8"), re.M)
    assert syllables is not None
    assert shown(), "the page has no Korean any more: leave the font out"
    assert shown() - set(syllables[1]) == set()


def test_the_font_is_the_one_that_its_sources_describe() -> None:
    """Whoever replaces the font says where the new one comes from."""
    digest = hashlib.sha256((FONTS / "hangul.woff2").read_bytes()).hexdigest()
    assert f"`{digest}`" in (FONTS / "SOURCES.md").read_text("utf-8")
