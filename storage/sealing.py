"""Sealing bytes with AES-256-GCM: one key per photo, wrapped by its school's key, so that dropping it is shredding.

The school's key is made of the installation's wrapping key by HKDF-SHA256 with the school's id: no school's wrapped key opens as
another's. A wrapped key is one byte of format, 12 bytes of nonce, then ciphertext and its 16-byte tag; how content is sealed
is told in ``storage.segments``.
"""

import base64
import binascii
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consent.people import SchoolId
from storage.objects.errors import SealBroken, WrappingKeyRefused
from storage.segments import Sealer, open_segments

_FORMAT: Final = b"\x02"
_NONCE_LENGTH: Final = 12
_TAG_LENGTH: Final = 16
_KEY_LENGTH: Final = 32
_LONGEST_KEY_FILE: Final = 256
_SCHOOL_USE: Final = b"school"
_KEY_USE: Final = b"key"
_CONTENT_USE: Final = b"content"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolKey:
    """The key that wraps the photos' keys of one school. Made of the installation's key and the school's id, and kept nowhere."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKey:
    """The installation's key, of which every school's is made: 32 bytes, never logged, never in a backup."""

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

    def of_school(self, school_id: SchoolId) -> SchoolKey:
        """Return the key of one school: the same every time, and of no use for telling another's."""
        info = _bound(_SCHOOL_USE, school_id.encode())
        return SchoolKey(secret=HKDF(algorithm=SHA256(), length=_KEY_LENGTH, salt=None, info=info).derive(self.secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoKey:
    """The key of one photo, open and wrapped. ``aad`` says whose it is: it unwraps as that photo's and as no other's."""

    secret: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    aad: bytes

    @classmethod
    def fresh(cls, *, aad: bytes, school_key: SchoolKey) -> "PhotoKey":
        """Make a new 256-bit key and wrap it."""
        secret, nonce = secrets.token_bytes(_KEY_LENGTH), secrets.token_bytes(_NONCE_LENGTH)
        wrapped = _FORMAT + nonce + AESGCM(school_key.secret).encrypt(nonce, secret, _bound(_KEY_USE, aad))
        return cls(secret=secret, wrapped=wrapped, aad=aad)

    @classmethod
    def unwrap(cls, wrapped: bytes, *, aad: bytes, school_key: SchoolKey) -> "PhotoKey":
        """Unwrap a key. Raises SealBroken for another school's key, for another ``aad``, and for a single altered bit."""
        if len(wrapped) != len(_FORMAT) + _NONCE_LENGTH + _KEY_LENGTH + _TAG_LENGTH or not wrapped.startswith(_FORMAT):
            raise SealBroken("this is not a wrapped key of ours")
        nonce, sealed = wrapped[1 : 1 + _NONCE_LENGTH], wrapped[1 + _NONCE_LENGTH :]
        try:
            secret = AESGCM(school_key.secret).decrypt(nonce, sealed, _bound(_KEY_USE, aad))
        except InvalidTag:
            # Without its cause: that would only say the same again, and never which of the reasons it was.
            raise SealBroken("wrong key, wrong photo, or altered bytes") from None
        return cls(secret=secret, wrapped=wrapped, aad=aad)

    def sealer(self, *, label: bytes = b"") -> Sealer:
        """Begin a stream of this photo. ``label`` says what it is: it opens with the same one only."""
        return Sealer(key=self.secret, bound=_bound(_CONTENT_USE, self.aad, label))

    def opened(self, file: BinaryIO, *, label: bytes = b"") -> bytes:
        """Return the plaintext of a stream of this photo, whole. Raises SealBroken."""
        whole = BytesIO()  # what it gives at the end is not one more copy
        whole.seek(max(0, _size_of(file) - 1))
        whole.write(b"\0")  # one allocation: what grows step by step leaves each thread's heap as large as it ever was
        whole.seek(0)
        for piece in open_segments(file, key=self.secret, bound=_bound(_CONTENT_USE, self.aad, label)):
            whole.write(piece)
        whole.truncate()
        return whole.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Bytes sealed under a photo's own key, and that key wrapped. Neither says anything without the school's key."""

    content: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)


def seal(plaintext: bytes, *, aad: bytes, school_key: SchoolKey, label: bytes = b"") -> Sealed:
    """Seal plaintext under a fresh 256-bit key. It opens only with the same ``aad`` (whose it is) and ``label`` (what it is)."""
    key = PhotoKey.fresh(aad=aad, school_key=school_key)
    return Sealed(content=_sealed(plaintext, key.sealer(label=label)), wrapped_key=key.wrapped)


def seal_again(plaintext: bytes, *, wrapped_key: bytes, aad: bytes, school_key: SchoolKey, label: bytes = b"") -> bytes:
    """Seal more of the same photo under the key it already has; a fresh nonce makes each result different.

    ``aad`` MUST be the one the key was wrapped with. Raises SealBroken when the wrapped key does not open.
    """
    return _sealed(plaintext, PhotoKey.unwrap(wrapped_key, aad=aad, school_key=school_key).sealer(label=label))


def open_sealed(sealed: Sealed, *, aad: bytes, school_key: SchoolKey, label: bytes = b"") -> bytes:
    """Return the plaintext. Raises SealBroken for another school, aad or label, and for a single altered bit."""
    key = PhotoKey.unwrap(sealed.wrapped_key, aad=aad, school_key=school_key)
    return key.opened(BytesIO(sealed.content), label=label)


def _sealed(plaintext: bytes, sealer: Sealer) -> bytes:
    return sealer.update(plaintext) + sealer.finish()


def _size_of(file: BinaryIO) -> int:
    """Bytes from where it stands to its end: somewhat more than what was sealed in them."""
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    return end - start


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
