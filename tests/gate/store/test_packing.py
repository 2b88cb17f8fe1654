"""Content packed before it is sealed: what goes in comes out, and older plain content is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.store import Store
from gate.store import keyring as keyring_module
from gate.store.packing import pack, unpack
from tests.gate.store.world import NOON, PASSPORT, World, traveller

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_whatever_json_is_packed_comes_out_again(value: object) -> None:
    """Packing loses nothing and never makes a content longer."""
    content = json.dumps(value).encode()
    assert unpack(pack(content)) == content
    assert len(pack(content)) <= len(content)


@given(st.binary(max_size=64))
def test_content_that_begins_like_a_packed_one_is_not_mistaken(content: bytes) -> None:
    """Bytes of any kind come out as they went in."""
    assert unpack(pack(b"\x01" + content)) == b"\x01" + content


def test_records_shrink_to_less_than_half() -> None:
    """The dictionary knows what records look like; without it short texts do not shrink."""
    for record in traveller():
        plain = json.dumps(record.content, sort_keys=True, separators=(",", ":")).encode()
        assert len(pack(plain)) < len(plain) / 2


def test_a_store_written_before_packing_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain content of an older version stands in the same store as packed content."""
    with monkeypatch.context() as older:
        older.setattr(keyring_module, "pack", lambda content: content)
        with world.open() as store:
            store.append_records(traveller())
    with world.open() as store:
        assert _holder(store) == "P-1"
        store.append_records(traveller("P-2", ("KOR", "M22222222")))
        assert _holder(store) == "P-1"
        assert store.verify().holds


def _holder(store: Store) -> str | None:
    person = store.load_facts(PASSPORT, NOON).facts.person
    return None if person is None else person.person_id
