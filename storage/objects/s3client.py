"""What is used of boto3, and how it is set up: every call ends in bounded time, and nothing of a request reaches a log."""

import logging
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

_CONNECT_SECONDS: Final = 3
_READ_SECONDS: Final = 20
_ATTEMPTS: Final = 3
_CONNECTIONS: Final = 32


class S3Client(Protocol):
    """What is used of a boto3 S3 client; its answers are dictionaries."""

    @property
    def meta(self) -> Any: ...  # noqa: ANN401, D102 - boto3 makes its clients while running
    def put_object(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def head_object(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def get_object(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def delete_object(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def head_bucket(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def create_bucket(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def get_bucket_versioning(self, **request: Any) -> Any: ...  # noqa: ANN401, D102
    def get_paginator(self, operation_name: Any) -> Any: ...  # noqa: ANN401, D102


def connect(
    *, endpoint_url: str | None, region: str, access_key: str, secret_key: str, session_token: str | None = None
) -> S3Client:
    """Return a client for any number of threads; does NOT speak to the server yet. ``endpoint_url`` None means Amazon's own."""
    # At level DEBUG boto writes every request's headers into the log, signatures and the session's token among them.
    for chatty in ("boto3", "botocore", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.INFO)
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        aws_session_token=session_token,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            # A conditional PUT may be sent again: whether it is the first or the second that lands, one of them does.
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=_CONNECTIONS,
            # Every PUT brings its own SHA-256; servers other than Amazon's do not all know the trailers boto would add.
            request_checksum_calculation="when_required",
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        ),
    )
    return client
