"""Templates: versioned by engine, whole or refused, silent about their content."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.face.compare import normalise
from models.face.template import (
    EngineChanged,
    Template,
    TemplateError,
    decode_template,
    encode_template,
)


def template(seed: int = 0, size: int = 128) -> Template:
    """A template with a random embedding."""
    vector = normalise(np.random.default_rng(seed).normal(0, 1, size).astype(np.float32))
    return Template("dlib-resnet-v1", vector, date(2024, 2, 29), 4, 77)


@given(st.integers(0, 1000), st.integers(2, 600))
def test_a_template_is_read_back(seed: int, size: int) -> None:
    """Every field and every component survives the bytes."""
    made = template(seed, size)
    read = decode_template(encode_template(made), made.engine, size)
    assert (read.engine, read.captured_on, read.frames, read.quality) == (
        made.engine,
        made.captured_on,
        made.frames,
        made.quality,
    )
    assert (read.embedding == made.embedding).all()


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    """One flipped byte anywhere is a damaged template, never another person's."""
    data = bytearray(encode_template(template()))
    data[place % len(data)] ^= change
    with pytest.raises(TemplateError):
        decode_template(bytes(data), "dlib-resnet-v1", 128)


@given(st.binary(max_size=600))
def test_other_bytes_are_no_template(data: bytes) -> None:
    """Whatever is read from a store, it is a template or refused."""
    with pytest.raises(TemplateError):
        decode_template(data, "dlib-resnet-v1", 128)


def test_another_engine_asks_for_a_new_enrolment() -> None:
    """A template of another engine, or another version of it, is told apart from damage."""
    with pytest.raises(EngineChanged, match="enrol again"):
        decode_template(encode_template(template()), "dlib-resnet-v2", 128)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 2.0])
def test_only_finite_unit_embeddings_are_stored(value: float) -> None:
    """NaN, infinity, zero or another length never becomes a reference."""
    made = template()
    vector = np.full(128, value, np.float32)
    with pytest.raises(TemplateError):
        encode_template(Template(made.engine, vector, made.captured_on, 4, 77))


def test_a_template_shows_nothing_of_the_face() -> None:
    """Neither its text form nor an error holds a component."""
    made = template()
    assert "embedding" not in repr(made)
    assert f"{made.embedding[0]:.3f}"[:5] not in repr(made)


def test_a_reference_ages() -> None:
    """Five years are fine, the day after is flagged."""
    made = template()
    assert not made.aged(date(2029, 2, 28))
    assert made.aged(date(2029, 3, 2))
