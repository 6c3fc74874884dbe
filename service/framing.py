"""Where one request ends and the next begins, beyond doubt: what two servers could read in two ways is refused (RFC 9112)."""

import re
from typing import Any, Final

import h11

_TWO_WAYS: Final = re.compile(rb"(?<=[^\r])\n|\r(?=[^\n])|\n[ \t]")
"""A line that ends with a bare LF, a bare CR, or a line that goes on in the next one (obs-fold)."""
_LENGTH: Final = b"content-length"
_CODING: Final = b"transfer-encoding"


class Unambiguous(h11.Connection):
    """h11's connection of a server, without its leniency.

    What h11 refuses by itself is refused here too: lengths that differ, a coding that is not ``chunked``, a space before a colon.
    """

    def next_event(self) -> Any:  # noqa: ANN401 - as in the base class: events and two sentinels
        """Return the next event. Raises RemoteProtocolError, also for what can be read in two ways."""
        before = self.trailing_data[0]
        event = super().next_event()
        read = before[: len(before) - len(self.trailing_data[0])]
        if isinstance(event, h11.Data):
            read = read[: len(read) - len(event.data)]
        ended = not isinstance(event, h11.EndOfMessage) or not read or read.endswith(b"\r\n")
        if _TWO_WAYS.search(read) or not ended or (isinstance(event, h11.Request) and _two_lengths(event)):
            raise h11.RemoteProtocolError("this can be read in two ways")
        return event


def _two_lengths(head: h11.Request) -> bool:
    """True for a length beside a coding, and for a coding in a version of HTTP that has none."""
    names = {name for name, _ in head.headers}
    return _CODING in names and (_LENGTH in names or head.http_version < b"1.1")
