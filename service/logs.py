"""Structured logs: ids, codes and counts. Never a name, a UPN, a file name, a body or a header."""

import logging
import sys

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format='{"logger":"%(name)s","level":"%(levelname)s"}')
    for name in ("uvicorn.access", "sqlalchemy", "PIL", "botocore", "multipart", "python_multipart"):
        logging.getLogger(name).setLevel(logging.ERROR)
