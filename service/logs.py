"""Structured logs: ids, codes and counts. Never a name, a UPN, a file name, a body or a header."""

import json
import logging
import sys
from contextlib import suppress
from typing import Final, TextIO, cast

import structlog

_QUIET: Final = ("uvicorn.access", "sqlalchemy", "PIL", "botocore", "multipart", "python_multipart")


def set_up(level: str) -> None:
    """Write one JSON object a line to standard error. Other people's loggers speak only from warning up, without details."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _StandardError())),
        cache_logger_on_first_use=False,
    )
    speaker = logging.StreamHandler(cast("TextIO", _StandardError()))
    speaker.setFormatter(_OnlyWhoSpoke())
    logging.basicConfig(level=logging.WARNING, handlers=[speaker], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


class _StandardError:
    """Standard error as it is at the moment. A line that it does not take is lost: a full disk must not stop a takedown."""

    def write(self, text: str) -> None:
        """Write, if that can be done."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, if that can be done."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _OnlyWhoSpoke(logging.Formatter):
    """Says who spoke, how loudly, and of what kind of error: the words, and a traceback even more, may hold a request's."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        said = {"logger": record.name, "level": record.levelname.lower()}
        if record.exc_info is not None and record.exc_info[0] is not None:
            said["fault"] = record.exc_info[0].__name__
        return json.dumps(said)
