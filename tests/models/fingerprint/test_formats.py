"""Records of ISO/IEC 19794-2:2011 and for cards: round trips, hand-written bytes, lies, any bytes at all."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fingerprint.comparison import compare, prepare
from models.fingerprint.extraction import Extraction
from models.fingerprint.formats import is_record, templates
from models.fingerprint.records import Standard, encode, from_template
from models.fingerprint.records_2011 import (
    MAGICS,
    Representation,
    decode_2011,
    encode_2011,
    from_template_2011,
)
from models.fingerprint.records_card import CardForm, decode_card, encode_card, form_of
from models.fingerprint.values import Minutiae, Template

BY_HAND_2011 = bytes.fromhex(
    "464d5200 30333000 0000003c 0001 00"  # version 030, 60 bytes, one representation, no certificates
    "0000002d"  # the representation has 45 bytes
    "07e8 01 02 03 04 05 0006"  # 2024-01-02 03:04:05.006
    "00 0000 0000"  # device unknown
    "01 50 0000 0000"  # one quality: 80
    "02 00 00c5 00c5 00 0190 0178 60 01"  # right index, 197 px/cm, 400 x 376, 6 bytes a minutia, one
    "4064 00c8 40 5a"  # ending at (100, 200), 90 degrees, quality 90
    "0000"
)
COMPACT_BY_HAND = bytes.fromhex("7f2e 08 81 06 32 28 50 96 64 80")
"""Ending at (5.0, 4.0) mm, 16 x 5.625 = 90 degrees; fork at (15.0, 10.0) mm, 0 degrees."""


@st.composite
def drawn_templates(draw: st.DrawFn) -> Template:
    """Any template of 300 x 400 pixels."""
    count = draw(st.integers(0, 255))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    minutiae = Minutiae(
        rng.uniform(0, 299, count).astype(np.float32), rng.uniform(0, 399, count).astype(np.float32),
        rng.uniform(0, 2 * np.pi, count).astype(np.float32), rng.integers(0, 3, count).astype(np.uint8),
        rng.integers(0, 101, count).astype(np.uint8),
    )  # fmt: skip
    return Template(300, 400, minutiae, draw(st.integers(0, 100)))


def test_a_record_of_2011_written_by_hand_is_read() -> None:
    """The fields lie where the descriptions of the standard put them, and every byte comes back."""
    (found,) = decode_2011(BY_HAND_2011)
    assert found.record.views[0].minutiae.tolist() == [[1, 100, 200, 64, 90]]
    assert (found.record.width, found.record.height, found.record.views[0].quality) == (
        400,
        376,
        80,
    )
    assert found.captured[:2] == b"\x07\xe8"
    assert encode_2011((found,)) == BY_HAND_2011


@given(drawn_templates(), st.binary(max_size=30), st.integers(0, 2), st.integers(0, 2))
def test_a_record_of_2011_comes_back(
    template: Template, extended: bytes, qualities: int, certificates: int
) -> None:
    """Minutiae, extended data, qualities and certificates survive; so does a second representation."""
    (made,) = from_template_2011(template, 3)
    view = replace(made.record.views[0], extended=extended)
    first = Representation(
        replace(made.record, views=(view,)),
        qualities=made.qualities * qualities,
        certificates=b"abc" * certificates,
    )
    data = encode_2011((first, made))
    again = decode_2011(data)
    assert encode_2011(again) == data
    assert np.array_equal(again[0].record.views[0].minutiae, view.minutiae)
    assert (again[0].record.views[0].extended, again[0].certificates) == (
        extended,
        first.certificates,
    )
    assert len(templates(data)) == 2


@pytest.mark.parametrize(
    ("offset", "value", "told"),
    [
        (8, b"\0\0\0\x42", "says it has 66 bytes but has 60"),
        (12, b"\0\0", "no representation"),
        (12, b"\0\2", "inside the length of representation 1"),
        (15, b"\0\0\0\x31", "says it has 49 bytes but has 45"),
        (33, b"\x09", "representation 0"),
        (41, b"\0\1", "resolution 1 px/cm"),
        (46, b"\0\0", "is empty"),
        (50, b"\x70", "take 7 bytes"),
        (52, b"\xff\xff", "type 3"),
        (57, b"\xff", "quality 255"),
    ],
)
def test_a_lie_in_a_record_of_2011_is_named(offset: int, value: bytes, told: str) -> None:
    """The error says which field does not agree with the bytes."""
    data = BY_HAND_2011[:offset] + value + BY_HAND_2011[offset + len(value) :]
    with pytest.raises(ValueError, match=told):
        decode_2011(data)


def test_card_minutiae_written_by_hand_are_read() -> None:
    """Tenths of a millimetre and steps of 5.625 degrees."""
    found = decode_card(COMPACT_BY_HAND, CardForm.COMPACT)
    assert (found.minutiae.x * 25.4 / 500).tolist() == pytest.approx([5.0, 15.0])
    assert (found.minutiae.y * 25.4 / 500).tolist() == pytest.approx([4.0, 10.0])
    assert np.rad2deg(found.minutiae.angle).tolist() == pytest.approx([90, 0])
    assert found.minutiae.kind.tolist() == [1, 2]
    nested = bytes.fromhex("7f2e 0a a1 08 90 06 32 28 50 96 64 80")
    assert np.array_equal(decode_card(nested, CardForm.COMPACT).minutiae.x, found.minutiae.x)


@given(drawn_templates(), st.sampled_from(CardForm))
def test_a_card_keeps_minutiae_to_within_a_step(template: Template, form: CardForm) -> None:
    """Positions to half a step, sorted; what was read is written again byte by byte."""
    data = encode_card(template, form)
    again = decode_card(data, form)
    assert encode_card(again, form) == data
    step_px = 500 / 25.4 / form.value.steps_mm
    assert np.sort(again.minutiae.y) == pytest.approx(
        np.sort(template.minutiae.y), abs=step_px / 2 + 1e-3
    )
    assert len(again.minutiae) == len(template.minutiae)


def test_a_print_too_large_for_a_card_is_refused() -> None:
    """Compact form ends at 25.5 mm; a large image with a small print is moved to the corner instead."""
    zeros = np.zeros(2, np.uint8)
    for far, fits in ((600.0, True), (20.0, False)):
        x = np.array([far, 640], np.float32)
        template = Template(700, 480, Minutiae(x, x * 0, x * 0, zeros, zeros), 50)
        if fits:
            assert (
                len(decode_card(encode_card(template, CardForm.COMPACT), CardForm.COMPACT).minutiae)
                == 2
            )
        else:
            with pytest.raises(ValueError, match="larger than"):
                encode_card(template, CardForm.COMPACT)


WRITERS: dict[str, Callable[[Template], bytes]] = {
    "iso": lambda one: encode(from_template(one, Standard.ISO_19794_2_2005)),
    "2011": lambda one: encode_2011(from_template_2011(one)),
    "compact": lambda one: encode_card(one, CardForm.COMPACT),
    "normal": lambda one: encode_card(one, CardForm.NORMAL),
}


@pytest.mark.parametrize("form", WRITERS)
def test_prints_match_from_their_records_alone(prints: list[list[Extraction]], form: str) -> None:
    """Whatever the format, impressions of one finger are far more alike than those of two."""
    read = [[prepare(templates(WRITERS[form](one.template))[0]) for one in pair] for pair in prints]
    mated = compare(*read[0]).comparison_score
    assert mated > 1.5 * compare(read[0][0], read[1][0]).comparison_score
    assert mated == pytest.approx(
        compare(*(prepare(one.template) for one in prints[0])).comparison_score, rel=0.25
    )


@given(
    st.binary(max_size=120),
    st.sampled_from([MAGICS[0], b"\x7f\x2e", b"\x7f\x2e\x20\x81", BY_HAND_2011[:40]]),
)
def test_no_bytes_crash_the_readers(noise: bytes, head: bytes) -> None:
    """Anything at all is templates or a ValueError."""
    assert is_record(head)
    try:
        found = templates(head + noise)
    except ValueError:
        return
    assert all(len(one.minutiae) <= 255 for one in found)


@given(drawn_templates(), st.data(), st.sampled_from(sorted(WRITERS)))
def test_a_changed_byte_is_refused_or_stays_in_range(
    template: Template, data: st.DataObject, form: str
) -> None:
    """No changed byte puts a minutia outside its image or makes the reader fail in another way."""
    broken = bytearray(WRITERS[form](template))
    broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = templates(bytes(broken))
    except ValueError:
        return
    for one in found:
        assert (one.minutiae.x < one.width).all()
        assert (one.minutiae.y < one.height).all()


def test_an_unclear_card_form_is_named() -> None:
    """Fifteen zero bytes are five compact or three normal minutiae: nobody guesses."""
    with pytest.raises(ValueError, match="name the form"):
        form_of(b"\x7f\x2e\x11\x81\x0f" + bytes(15))
