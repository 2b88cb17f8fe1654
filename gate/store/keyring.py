"""The data keys of one store: found, made, destroyed, wrapped anew."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.keys import KEY_BYTES, NONCE_BYTES, References, SiteKeys
from gate.store.packing import pack, unpack

REFERENCE_SCOPE = b"reference"
_SITE_KEY = "reference_key"
_KEYS_AT_ONCE = 5000
INSERT_KEY = "INSERT INTO keys (key_id, scope, wrapped) VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A usable data key and its number in the store."""

    key_id: int
    cipher: AESGCM

    def seal(self, content: bytes, associated: bytes) -> tuple[bytes, bytes]:
        """Return (nonce, ciphertext)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce, self.cipher.encrypt(nonce, pack(content), associated)


class Keyring:
    """Data keys by scope (a person, a month of the journal, the reference data) and number.

    Every look-up reads the wrapped key from the store, so a key that another process destroyed
    is gone here at once; only the unwrapping is remembered.
    """

    def __init__(self, engine: Engine, site: SiteKeys) -> None:
        self._engine = engine
        self._site = site
        self._opened = lru_cache(maxsize=4096)(self._open)

    def references(self) -> References:
        """Return the pseudonyms of this store; made once, when the store is made."""
        stored = self._engine.row("SELECT value FROM site WHERE name = ?", (_SITE_KEY,))
        if stored is None:
            with self._engine.writing():
                wrapped = self._site.wrap(self._site.first_reference_key, _SITE_KEY.encode())
                self._engine.execute(
                    "INSERT OR IGNORE INTO site VALUES (?, ?)", (_SITE_KEY, wrapped)
                )
            return self.references()
        key = self._site.unwrap(bytes(stored[0]), _SITE_KEY.encode())
        if key is None:
            raise StoreError(
                StoreErrorKind.KEY,
                f"store {self._engine.path} was made with another master key than "
                f"{self._site.key_id}; put the right key file back",
            )
        return References(key)

    def for_scope(self, scope: bytes) -> DataKey:
        """Return the key that new content of this scope is sealed with; made where missing.

        Only inside a write transaction. A key that is lost (present, yet not to be opened with
        the master key) is succeeded by a new one; what it sealed stays unreadable.
        """
        found = self._engine.row(
            "SELECT key_id, wrapped FROM keys WHERE scope = ? ORDER BY key_id DESC LIMIT 1",
            (scope,),
        )
        if found is not None and found[1] is not None:
            cipher = self._opened(bytes(found[1]), scope)
            if cipher is not None:
                return DataKey(found[0], cipher)
        return self.new(scope)

    def numbered(self, key_id: int) -> DataKey | None:
        """Return a key by its number; None where it was destroyed or lost."""
        found = self._engine.row("SELECT scope, wrapped FROM keys WHERE key_id = ?", (key_id,))
        if found is None or found[1] is None:
            return None
        return self.opened(key_id, bytes(found[1]), bytes(found[0]))

    def opened(self, key_id: int, wrapped: bytes, scope: bytes) -> DataKey | None:
        """Return the key of a row that the caller has read; None where it is lost."""
        cipher = self._opened(wrapped, scope)
        return None if cipher is None else DataKey(key_id, cipher)

    def destroy(self, scope: bytes, at: int) -> int:
        """Destroy every key of a scope, inside a write transaction; return how many there were."""
        held = self._engine.rows(
            "SELECT key_id FROM keys WHERE scope = ? AND wrapped IS NOT NULL", (scope,)
        )
        self._engine.execute(
            "UPDATE keys SET wrapped = NULL, destroyed_at = ? WHERE scope = ? "
            "AND wrapped IS NOT NULL",
            (at, scope),
        )
        self._opened.cache_clear()
        return len(held)

    def change_master(self, new: SiteKeys) -> int:
        """Wrap everything anew for another master key, inside a write transaction.

        Returns how many data keys were wrapped; lost ones stay lost.
        """
        reference_key = self._site.unwrap(
            bytes(self._engine.row("SELECT value FROM site WHERE name = ?", (_SITE_KEY,))[0]),
            _SITE_KEY.encode(),
        )
        assert reference_key is not None  # else the store would not have opened
        self._engine.execute(
            "UPDATE site SET value = ? WHERE name = ?",
            (new.wrap(reference_key, _SITE_KEY.encode()), _SITE_KEY),
        )
        count, last = 0, 0
        while rows := self._engine.rows(
            "SELECT key_id, scope, wrapped FROM keys WHERE wrapped IS NOT NULL AND key_id > ? "
            "ORDER BY key_id LIMIT ?",
            (last, _KEYS_AT_ONCE),
        ):
            changed = [
                (new.wrap(data_key, bytes(scope)), key_id)
                for key_id, scope, wrapped in rows
                if (data_key := self._site.unwrap(bytes(wrapped), bytes(scope))) is not None
            ]
            self._engine.executemany("UPDATE keys SET wrapped = ? WHERE key_id = ?", changed)
            count, last = count + len(changed), rows[-1][0]
        self._site = new
        self._opened.cache_clear()
        return count

    def new(self, scope: bytes) -> DataKey:
        """Make the key of a scope that has none that can be used, inside a write transaction."""
        data_key = os.urandom(KEY_BYTES)
        key_id = self._engine.row(
            "INSERT INTO keys (scope, wrapped) VALUES (?, ?) RETURNING key_id",
            (scope, self._site.wrap(data_key, scope)),
        )[0]
        return DataKey(key_id, AESGCM(data_key))

    def next_id(self) -> int:
        """Return the number that the next key would get."""
        return int(self._engine.row("SELECT coalesce(max(key_id), 0) + 1 FROM keys")[0])

    def draft(self, key_id: int, scope: bytes) -> tuple[DataKey, tuple[int, bytes, bytes]]:
        """Return a key of a given number, and its row for `INSERT_KEY`: the caller writes it."""
        data_key = os.urandom(KEY_BYTES)
        row = (key_id, scope, self._site.wrap(data_key, scope))
        return DataKey(key_id, AESGCM(data_key)), row

    def _open(self, wrapped: bytes, scope: bytes) -> AESGCM | None:
        data_key = self._site.unwrap(wrapped, scope)
        return None if data_key is None else AESGCM(data_key)


def unsealed(
    key: DataKey | None, nonce: bytes, ciphertext: bytes, associated: bytes
) -> bytes | None:
    """Return the content, or None where the key is gone or the content is not what it sealed."""
    if key is None:
        return None
    try:
        return unpack(key.cipher.decrypt(nonce, ciphertext, associated))
    except InvalidTag:
        return None
