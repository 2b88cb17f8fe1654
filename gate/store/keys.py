"""Site master key, data keys wrapped by it, and the pseudonyms made with it.

AES-256-GCM after NIST SP 800-38D, key derivation by HKDF (RFC 5869), pseudonyms by
HMAC-SHA-256 cut to 128 bit.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gate.store.errors import StoreError, StoreErrorKind

KEY_BYTES = 32
NONCE_BYTES = 12
REFERENCE_BYTES = 16


class SiteKeys:
    """The master key of a site: 32 bytes that wrap every data key.

    Whoever holds the store file without it reads no person's data.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(master)}")
        self._wrapping = AESGCM(_derived(master, b"egate wrapping"))
        self._first_reference_key = _derived(master, b"egate reference")
        self.key_id = _derived(master, b"egate key id")[:8].hex()

    @classmethod
    def from_file(cls, path: Path, *, create: bool = False) -> SiteKeys:
        """Read the key file; with `create`, make it (mode 0600) where it is missing.

        Raises StoreError(KEY) for a missing file, a wrong length, or one that others can read.
        """
        if create and not path.exists():
            _write_new_key(path)
        try:
            mode, master = path.stat().st_mode, path.read_bytes()
        except OSError as error:
            raise StoreError(
                StoreErrorKind.KEY,
                f"master key {path}: {error.strerror}; put the key file back from its safe copy, "
                "or run `egate store create` where there was no store yet",
            ) from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StoreError(StoreErrorKind.KEY, f"master key {path}: run chmod 600 {path}")
        if len(master) != KEY_BYTES:
            raise StoreError(
                StoreErrorKind.KEY,
                f"master key {path} has {len(master)} bytes, not {KEY_BYTES}; "
                "put the key file back from its safe copy",
            )
        return cls(master)

    def wrap(self, data_key: bytes, scope: bytes) -> bytes:
        """Encrypt a data key for the scope that it belongs to; 60 bytes."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, data_key, scope)

    def unwrap(self, wrapped: bytes, scope: bytes) -> bytes | None:
        """Return the data key, or None where it cannot be opened with this master key."""
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], scope)
        except (InvalidTag, ValueError):
            return None

    @property
    def first_reference_key(self) -> bytes:
        """What a new store makes its pseudonyms with; it then survives a change of master key."""
        return self._first_reference_key


class References:
    """Pseudonyms of one store: the same input gives the same 16 bytes, nothing leads back."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._person = lru_cache(maxsize=1024)(lambda person_id: self._of(b"person", person_id))

    def document(self, issuing_state: str, document_number: str) -> bytes:
        """The pseudonym of a document, from the fields of its MRZ without fillers."""
        number = document_number.replace("<", "").strip().upper()
        state = issuing_state.replace("<", "").strip().upper()
        return self._of(b"document", state, number)

    def person(self, person_id: str) -> bytes:
        """The pseudonym of a person."""
        return self._person(person_id)

    def _of(self, what: bytes, *parts: str) -> bytes:
        text = b"\0".join([what, *(part.encode() for part in parts)])
        return hmac.digest(self._key, text, hashlib.sha256)[:REFERENCE_BYTES]


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def _write_new_key(path: Path) -> None:
    """Write beside and link, so that two first runs at once end with one whole key file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, os.urandom(KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
