"""The last net under the logs."""

from hypothesis import given
from hypothesis import strategies as st

from gate.logs import MASK, mask_documents, masked

LINE = "PMKORHONG<<GILDONG<<<<<<<<<<<<<<<<<<<<<<<<<<"


def test_mrz_lines_and_document_numbers_are_masked() -> None:
    """Whatever a careless line of code hands to the log."""
    said = masked(f"read {LINE} of M123A4567 and M12345678")
    assert LINE not in said
    assert "M123A4567" not in said
    assert "M12345678" not in said
    assert said.count(MASK) == 3


def test_other_words_stay() -> None:
    """Rule ids, phases and passage ids are no numbers of documents."""
    event = {"event": "phase", "phase": "ready", "passage": "1.12", "rule": "DEP-BAN-10"}
    assert dict(mask_documents(None, "info", dict(event))) == event


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<", min_size=30, max_size=90))
def test_no_line_of_mrz_characters_passes(line: str) -> None:
    """Thirty characters of the MRZ alphabet in a row never reach a log."""
    assert line not in masked(f"x {line} y")
