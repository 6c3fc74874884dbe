"""Requests as no well-behaved client would write them: multipart bodies byte by byte, and pictures that lie in their headers."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

BOUNDARY = "frontier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request, but for who sends it."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str | bytes] = field(default_factory=dict)


def part(name: str | bytes, value: bytes | str, *, file: str | bytes | None = None, more: bytes = b"") -> bytes:
    """One part of a multipart body."""
    named = _bytes(name)
    head = b'content-disposition: form-data; name="' + named + b'"'
    if file is not None:
        head += b'; filename="' + _bytes(file) + b'"'
    return b"--" + BOUNDARY.encode() + b"\r\n" + head + more + b"\r\n\r\n" + _bytes(value) + b"\r\n"


def form(*parts: bytes, path: str = "/v1/photos", end: bytes | None = None, content_type: str | None = None) -> Sent:
    """A multipart request of these parts, closed unless told otherwise."""
    closing = f"--{BOUNDARY}--\r\n".encode() if end is None else end
    said = f"multipart/form-data; boundary={BOUNDARY}" if content_type is None else content_type
    return Sent(method="POST", path=path, body=b"".join(parts) + closing, headers={"content-type": said})


def json(path: str, text: bytes | str, *, method: str = "POST", content_type: str = "application/json") -> Sent:
    """A request with a JSON body, or with what is sent in its place."""
    return Sent(method=method, path=path, body=_bytes(text), headers={"content-type": content_type})


def get(path: str, **headers: str | bytes) -> Sent:
    return Sent(method="GET", path=path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises this size and whose data is next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def jpeg_of(width: int, height: int, *, like: bytes) -> bytes:
    """A JPEG like another one whose header promises this size."""
    at = next(like.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in like)
    return like[: at + 5] + struct.pack(">HH", height, width) + like[at + 9 :]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
