"""Sealing bytes with AES-256-GCM: one key per photo, wrapped by the installation's own key, so that dropping it is shredding.

A sealed file and a wrapped key are laid out alike: one byte of format, 12 bytes of nonce, then ciphertext and its 16-byte tag.
"""

import base64
import binascii
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.objects.errors import SealBroken, WrappingKeyRefused

_FORMAT: Final = b"\x01"
_NONCE_LENGTH: Final = 12
_TAG_LENGTH: Final = 16
_KEY_LENGTH: Final = 32
_LONGEST_KEY_FILE: Final = 256
_KEY_USE: Final = b"key"
_CONTENT_USE: Final = b"content"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKey:
    """The key that wraps every photo's key: 32 bytes, never logged, never in a backup."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raises WrappingKeyRefused for anything but 32 bytes."""
        if len(self.secret) != _KEY_LENGTH:
            raise WrappingKeyRefused("a wrapping key has 32 bytes")

    @classmethod
    def load(cls, path: Path) -> "WrappingKey":
        """Read the key file: base64, one line, mode 0600. Raises WrappingKeyRefused, also when the file is missing.

        Does NOT make a new key: what was sealed under a lost one would never open again, and nobody would notice.
        """
        try:
            return cls(secret=_read_key_file(path))
        except OSError as fault:
            raise WrappingKeyRefused(f"the wrapping key's file cannot be read: {type(fault).__name__}") from fault

    @classmethod
    def load_or_create(cls, path: Path) -> "WrappingKey":
        """Read the key file, or make it where none is; of several processes that start at once, all get the same key."""
        try:
            with suppress(FileExistsError):
                if not path.exists():
                    _create_key_file(path)
        except OSError as fault:
            raise WrappingKeyRefused(f"the wrapping key's file cannot be made: {type(fault).__name__}") from fault
        return cls.load(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Bytes sealed under a photo's own key, and that key wrapped. Neither says anything without the wrapping key."""

    content: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)


def seal(plaintext: bytes, *, aad: bytes, wrapping_key: WrappingKey, label: bytes = b"") -> Sealed:
    """Seal plaintext under a fresh 256-bit key. It opens only with the same ``aad`` (whose it is) and ``label`` (what it is)."""
    key = secrets.token_bytes(_KEY_LENGTH)
    return Sealed(
        content=_encrypt(key, plaintext, _bound(_CONTENT_USE, aad, label)),
        wrapped_key=_encrypt(wrapping_key.secret, key, _bound(_KEY_USE, aad)),
    )


def seal_again(plaintext: bytes, *, wrapped_key: bytes, aad: bytes, wrapping_key: WrappingKey, label: bytes = b"") -> bytes:
    """Seal more of the same photo under the key it already has; a fresh nonce makes each result different.

    ``aad`` MUST be the one the key was wrapped with. Raises SealBroken when the wrapped key does not open.
    """
    key = _decrypt(wrapping_key.secret, wrapped_key, _bound(_KEY_USE, aad))
    return _encrypt(key, plaintext, _bound(_CONTENT_USE, aad, label))


def open_sealed(sealed: Sealed, *, aad: bytes, wrapping_key: WrappingKey, label: bytes = b"") -> bytes:
    """Return the plaintext. Raises SealBroken for another wrapping key, aad or label, and for a single altered bit."""
    key = _decrypt(wrapping_key.secret, sealed.wrapped_key, _bound(_KEY_USE, aad))
    return _decrypt(key, sealed.content, _bound(_CONTENT_USE, aad, label))


def _encrypt(key: bytes, plaintext: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plaintext, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    if len(sealed) < len(_FORMAT) + _NONCE_LENGTH + _TAG_LENGTH or not sealed.startswith(_FORMAT):
        raise SealBroken("this is not a sealed file of ours")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_LENGTH], sealed[1 + _NONCE_LENGTH :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound)
    except InvalidTag:
        # Without its cause: that would only say the same again, and never which of the reasons it was.
        raise SealBroken("wrong key, wrong photo, or altered bytes") from None


def _bound(*parts: bytes) -> bytes:
    """Join parts so that no two different tuples give the same bytes."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _read_key_file(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise WrappingKeyRefused("the wrapping key's file must be readable by its owner alone (mode 0600)")
        line = file.read(_LONGEST_KEY_FILE)
    try:
        return base64.b64decode(line.strip(), validate=True)
    except binascii.Error:
        raise WrappingKeyRefused("the wrapping key's file does not hold one line of base64") from None


def _create_key_file(path: Path) -> None:
    """Write the whole key beside its place, then link it there: nobody ever reads half a key. Raises FileExistsError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_KEY_LENGTH)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
