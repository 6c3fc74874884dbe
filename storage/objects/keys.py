"""Which keys and which content an object store takes: one rule for every store, so that none is laxer than another."""

import re
from typing import Final

from consent.people import SchoolId
from consent.photo import PhotoId
from storage.objects.errors import ContentRefused, KeyRefused

MAX_KEY_LENGTH: Final = 200
"""Characters. A folder store keeps a key as one file name, which most file systems end at 255 bytes."""
MAX_CONTENT_LENGTH: Final = 512 * 1024 * 1024
"""Bytes: well above an uncompressed picture of 60 million pixels, and a bound on what one read may allocate."""

_KEY: Final = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")
_PREFIX: Final = re.compile(r"([a-z0-9_-][a-z0-9._/-]*)?")


def check_key(untrusted_key: str) -> None:
    """Let a key pass: lower-case ASCII letters, digits, ``.``, ``_`` and ``-`` in parts divided by single slashes.

    No part is empty or begins with a dot, and ``..`` occurs nowhere. Raises KeyRefused, which does NOT echo the key.
    """
    if len(untrusted_key) > MAX_KEY_LENGTH or ".." in untrusted_key or _KEY.fullmatch(untrusted_key) is None:
        raise KeyRefused("a key has 1 to 200 of the characters a-z 0-9 . _ - in parts divided by single slashes, without ..")


def check_part(untrusted_part: str) -> None:
    """Let one part of a key pass, such as an id that a key is built from: as ``check_key``, without any slash."""
    if "/" in untrusted_part:
        raise KeyRefused("one part of a key has no slash")
    check_key(untrusted_part)


def photo_key(school_id: SchoolId, photo_id: PhotoId, last: str) -> str:
    """Return the key ``school/photo/last``. Raises KeyRefused when an id, or last, cannot be one part of a key."""
    for part in (school_id, photo_id, last):
        check_part(part)
    key = f"{school_id}/{photo_id}/{last}"
    check_key(key)
    return key


def photo_identity(school_id: SchoolId, photo_id: PhotoId) -> bytes:
    """Return what a photo's sealed bytes are bound to: they open as this photo of this school and as nothing else."""
    check_part(school_id)
    check_part(photo_id)
    return f"{school_id}/{photo_id}".encode()


def check_prefix(untrusted_prefix: str) -> None:
    """Let the beginning of a key pass; the empty prefix begins every key. Raises KeyRefused."""
    if len(untrusted_prefix) > MAX_KEY_LENGTH or ".." in untrusted_prefix or "//" in untrusted_prefix:
        raise KeyRefused("a prefix is the beginning of a key")
    if _PREFIX.fullmatch(untrusted_prefix) is None:
        raise KeyRefused("a prefix is the beginning of a key")


def check_content(content: bytes) -> None:
    """Let content pass that may be put: not empty, since an empty object is a tombstone. Raises ContentRefused."""
    check_length(len(content))


def check_length(length: int) -> None:
    """Let content of so many bytes pass: as ``check_content``."""
    if not length:
        raise ContentRefused("an empty object is a tombstone: content has at least one byte")
    if length > MAX_CONTENT_LENGTH:
        raise ContentRefused("content is larger than a store takes")
