"""Multipart forms, read as they arrive: words into memory, within limits, the one file into a sink, nothing into a temp file."""

import sys
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any, Final, Protocol

from fastapi import UploadFile
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as FormFile

from service.problems import Problem, ProblemError
from storage.receiving import Received

MOST_PARTS: Final = 800
"""More than the longest form has, every list of it at its longest."""
MOST_HEADER_BYTES: Final = 8_192
"""Of one part, all its headers together."""
MOST_FIELD_BYTES: Final = 65_536
MOST_WORD_BYTES: Final = 1_000_000
"""Of all text fields together."""
_MOST_NAME_BYTES: Final = 200


class Sink(Protocol):
    """Where the bytes of a file go. Only ``finish`` says that they were all; ``close`` may come at any time, and twice."""

    def write(self, piece: bytes) -> object: ...  # noqa: D102
    def finish(self) -> Any: ...  # noqa: ANN401, D102 - becomes the ``file`` of an UploadFile
    def close(self) -> None: ...  # noqa: D102


class InMemory(BytesIO):
    """A file that is small, or holds what may not rest: kept in memory, under the door's limit."""

    def finish(self) -> "InMemory":
        """Go back to the beginning."""
        self.seek(0)
        return self


def received(upload: UploadFile) -> Received:
    """Return what an uploaded file became in the spool. Raises TypeError for a form that does not go there."""
    found: object = upload.file
    if not isinstance(found, Received):
        raise TypeError
    return found


class FormReader:
    """Reads one form. Whoever made it MUST close it, however that ends.

    Refused as soon as it is seen: ``too-large`` a part's headers, a field, or all fields together; ``invalid`` too many parts,
    and a second file; ``malformed`` what is no multipart, has no end, or holds words that are no UTF-8.
    """

    def __init__(self, content_type: str, *, begin: Callable[[], Sink]) -> None:
        """``begin`` makes the sink of the file, in a thread. Raises ``malformed`` for a type without a boundary."""
        self._begin = begin
        self._sink: Sink | None = None
        self._items: list[tuple[str, str | FormFile]] = []
        self._pieces: list[bytes] = []
        self._parts = self._words = 0
        self._file_at: int | None = None
        self._ended = False
        self._clear_part()
        _, options = parse_options_header(content_type)
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks(), max_header_size=sys.maxsize)
        except (KeyError, FormParserError) as fault:
            raise ProblemError(Problem.MALFORMED) from fault

    async def read(self, stream: AsyncIterator[bytes]) -> FormData:
        """Read the form to its end."""
        async for chunk in stream:
            try:
                self._parser.write(chunk)
            except (FormParserError, UnicodeDecodeError) as fault:
                raise ProblemError(Problem.MALFORMED) from fault
            if self._pieces:
                await run_in_threadpool(self._drain)
        if not self._ended:  # cut off: its last part, a subject maybe, would be lost
            raise ProblemError(Problem.MALFORMED)
        if self._file_at is not None:
            name, _ = self._items[self._file_at]
            self._items[self._file_at] = (name, FormFile(file=await run_in_threadpool(self._finish)))
        return FormData(self._items)

    def close(self) -> None:
        """Let go of the file."""
        if self._sink is not None:
            self._sink.close()

    def _drain(self) -> None:
        pieces, self._pieces = self._pieces, []
        if self._sink is None:
            self._sink = self._begin()
        for piece in pieces:
            self._sink.write(piece)

    def _finish(self) -> Any:  # noqa: ANN401 - as ``Sink.finish``
        self._drain()
        return self._sink.finish() if self._sink is not None else None

    def _callbacks(self) -> Any:  # noqa: ANN401 - a typed dictionary of the parser's
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_content,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _clear_part(self) -> None:
        self._field, self._value, self._disposition = bytearray(), bytearray(), b""
        self._header_bytes = 0
        self._name, self._is_file, self._text = "", False, bytearray()

    def _on_part_begin(self) -> None:
        self._clear_part()
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise ProblemError(Problem.INVALID)

    def _on_header_field(self, content: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._field += content[start:end]

    def _on_header_value(self, content: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += content[start:end]

    def _count_header(self, length: int) -> None:
        self._header_bytes += length
        if self._header_bytes > MOST_HEADER_BYTES:
            raise ProblemError(Problem.TOO_LARGE)

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._field, self._value = bytearray(), bytearray()

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if name is None or len(name) > _MOST_NAME_BYTES:
            raise ProblemError(Problem.MALFORMED)
        self._name, self._is_file = name.decode(), b"filename" in options
        if self._is_file and self._file_at is not None:
            raise ProblemError(Problem.INVALID)

    def _on_part_content(self, content: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._pieces.append(content[start:end])
            return
        self._words += end - start
        self._text += content[start:end]
        if len(self._text) > MOST_FIELD_BYTES or self._words > MOST_WORD_BYTES:
            raise ProblemError(Problem.TOO_LARGE)

    def _on_part_end(self) -> None:
        if self._is_file:
            self._file_at = len(self._items)
        self._items.append((self._name, "" if self._is_file else self._text.decode()))

    def _on_end(self) -> None:
        self._ended = True
