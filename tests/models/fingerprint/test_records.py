"""Records of ISO/IEC 19794-2:2005 and ANSI 378-2004."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fingerprint.records import (
    MAGIC,
    Record,
    Standard,
    View,
    decode,
    encode,
    from_template,
    standard_of,
    to_template,
)
from models.fingerprint.values import Minutiae, Template

ISO_BY_HAND = bytes.fromhex(
    "464d5200 20323000 0000002a 8001 0190 0178 00c5 00c5 01 00"  # head: 400 x 376 px at 197 px/cm, one view
    "02 00 50 02"  # right index, view 0, live-scan plain, quality 80, two minutiae
    "4064 00c8 40 5a"  # ending at (100, 200), direction 64 x 1.40625 = 90 degrees, quality 90
    "812c 0032 80 00"  # bifurcation at (300, 50), 180 degrees, quality not reported
    "0000"
)
ANSI_BY_HAND = bytes.fromhex(
    "464d5200 20323000 0026 0035 0007 0000 0190 0178 00c5 00c5 01 00"  # owner 0x35, product 7
    "02 00 50 01"
    "4064 00c8 2d 5a"  # direction 45 x 2 = 90 degrees
    "0000"
)


def rows(standard: Standard) -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Minutiae that fit an image of 300 x 400 pixels."""
    steps = round(360 / standard.value)
    one = st.tuples(
        st.integers(0, 2),
        st.integers(0, 299),
        st.integers(0, 399),
        st.integers(0, steps - 1),
        st.integers(0, 100),
    )
    return st.lists(one, max_size=255)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record that the standards allow, of one to three views."""
    standard = draw(st.sampled_from(Standard))
    views = []
    for number in range(draw(st.integers(1, 3))):
        minutiae = np.array(draw(rows(standard)), np.int32).reshape(-1, 5)
        extended = draw(st.binary(max_size=40))
        views.append(
            View(
                draw(st.integers(0, 10)),
                number,
                draw(st.integers(0, 15)),
                draw(st.integers(0, 100)),
                minutiae,
                extended,
            )
        )
    ansi = standard is Standard.ANSI_378_2004
    owner, product = (draw(st.integers(0, 65535)) for _ in range(2))
    return Record(
        standard,
        300,
        400,
        197,
        197,
        tuple(views),
        draw(st.integers(0, 65535)),
        owner * ansi,
        product * ansi,
    )


def test_an_iso_record_written_by_hand_is_read() -> None:
    """The fields lie where the standard puts them."""
    record = decode(ISO_BY_HAND)
    assert (record.standard, record.width, record.height) == (Standard.ISO_19794_2_2005, 400, 376)
    assert record.views[0].minutiae.tolist() == [[1, 100, 200, 64, 90], [2, 300, 50, 128, 0]]
    template = to_template(record)
    assert np.rad2deg(template.minutiae.angle).tolist() == pytest.approx([90, 180])
    assert encode(record) == ISO_BY_HAND


def test_an_ansi_record_written_by_hand_is_read() -> None:
    """ANSI 378 has its product identifier in the head, and directions in two degrees."""
    record = decode(ANSI_BY_HAND)
    assert (record.standard, record.owner, record.product) == (Standard.ANSI_378_2004, 0x35, 7)
    assert np.rad2deg(to_template(record).minutiae.angle).tolist() == pytest.approx([90])
    assert encode(record) == ANSI_BY_HAND


@given(records())
def test_what_is_written_is_read_again(record: Record) -> None:
    """Decoding gives back every value, and encoding again every byte."""
    data = encode(record)
    again = decode(data)
    assert encode(again) == data
    assert replace(again, views=()) == replace(record, views=())
    for before, after in zip(record.views, again.views, strict=True):
        assert np.array_equal(before.minutiae, after.minutiae)
        assert before.extended == after.extended


@given(records(), st.data())
def test_a_shortened_record_is_refused(record: Record, data: st.DataObject) -> None:
    """No prefix of a record is a record."""
    whole = encode(record)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError, match="record"):
        decode(whole[:cut])


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_decoder(noise: bytes) -> None:
    """Anything at all is a record or a ValueError."""
    for data in (noise, MAGIC + noise, MAGIC + struct.pack(">I", 12 + len(noise)) + noise):
        try:
            record = decode(data)
        except ValueError:
            continue
        assert len(encode(record)) == len(data)


@given(records(), st.data())
def test_a_changed_byte_is_refused_or_stays_in_range(record: Record, data: st.DataObject) -> None:
    """A record with any byte changed gives minutiae inside its image, or a ValueError."""
    broken = bytearray(encode(record))
    broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        again = decode(bytes(broken))
    except ValueError:
        return
    for view in again.views:
        assert (view.minutiae[:, 1] < again.width).all()
        assert (view.minutiae[:, 2] < again.height).all()


@pytest.mark.parametrize(
    ("offset", "value", "told"),
    [
        (8, b"\0\0\0\x29", "says it has 41 bytes"),
        (14, b"\0\0", "is empty"),
        (18, b"\0\x01", "resolution 1 px/cm"),
        (22, b"\0", "no finger view"),
        (22, b"\x02", "inside the head of view 1"),
        (27, b"\x09", "inside the 9 minutiae"),
        (28, b"\x7f\xff", "has x 16383"),
        (28, b"\xc0\x01", "has type 3"),
        (33, b"\xff", "has quality 255"),
    ],
)
def test_a_lie_is_named(offset: int, value: bytes, told: str) -> None:
    """The error says which field does not agree with the bytes."""
    data = ISO_BY_HAND[:offset] + value + ISO_BY_HAND[offset + len(value) :]
    with pytest.raises(ValueError, match=told):
        decode(data)


def test_other_bytes_are_no_record() -> None:
    """Wrong magic is told apart from a broken record."""
    assert standard_of(b"\x89PNG\r\n\x1a\n") is None
    with pytest.raises(ValueError, match="not a finger minutiae record"):
        decode(b"FMR\0 30\0" + ISO_BY_HAND[8:])


def test_a_long_ansi_record_has_a_long_length() -> None:
    """Above 65,535 bytes ANSI 378 writes two zero bytes and then four of length."""
    views = tuple(View(0, n, 0, 50, np.zeros((255, 5), np.int32), b"x" * 60000) for n in range(2))
    record = Record(Standard.ANSI_378_2004, 300, 400, 197, 197, views)
    data = encode(record)
    assert data[8:10] == b"\0\0"
    assert struct.unpack(">I", data[10:14])[0] == len(data) > 65535
    assert len(decode(data).views) == 2


def test_too_many_minutiae_do_not_fit() -> None:
    """A view counts its minutiae in one byte."""
    view = View(0, 0, 0, 50, np.zeros((256, 5), np.int32))
    with pytest.raises(ValueError, match="at most 255"):
        encode(Record(Standard.ISO_19794_2_2005, 300, 400, 197, 197, (view,)))


@given(st.integers(0, 255), st.sampled_from(Standard), st.randoms(use_true_random=False))
def test_a_template_survives_to_within_a_step(
    count: int, standard: Standard, random: object
) -> None:
    """Positions come back to half a pixel and directions to half a step of the format."""
    rng = np.random.default_rng(count)
    minutiae = Minutiae(
        rng.uniform(0, 299, count).astype(np.float32), rng.uniform(0, 399, count).astype(np.float32),
        rng.uniform(0, 2 * np.pi, count).astype(np.float32), rng.integers(0, 3, count).astype(np.uint8),
        rng.integers(0, 101, count).astype(np.uint8),
    )  # fmt: skip
    again = to_template(decode(encode(from_template(Template(300, 400, minutiae, 70), standard))))
    turn = np.abs(np.angle(np.exp(1j * (again.minutiae.angle - minutiae.angle))))
    assert np.abs(again.minutiae.x - minutiae.x).max(initial=0) <= 0.501
    assert turn.max(initial=0) <= np.deg2rad(standard.value) / 2 + 1e-4
    assert np.array_equal(again.minutiae.quality, minutiae.quality)


def test_another_resolution_is_scaled_to_500_dpi() -> None:
    """A record at 1,000 dpi has its coordinates halved."""
    record = replace(decode(ISO_BY_HAND), x_px_cm=394, y_px_cm=394)
    template = to_template(record)
    assert template.minutiae.x.tolist() == pytest.approx([50, 150], abs=0.2)
    assert (template.width, template.height) == (200, 188)


def test_a_view_that_is_not_there_is_named() -> None:
    """Asking for the second of one view says how many there are."""
    with pytest.raises(ValueError, match="has 1 views"):
        to_template(decode(ISO_BY_HAND), 1)
