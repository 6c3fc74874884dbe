"""An object store in one S3 bucket: conditional PUTs are put-if-absent and the tombstone."""

import base64
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from storage.objects.errors import StoreUnavailable
from storage.objects.keys import MAX_CONTENT_LENGTH, check_content, check_key, check_length, check_prefix
from storage.objects.protocol import Entry, Put
from storage.objects.s3client import S3Client

_PAUSES: Final = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before each attempt to settle a key. One or two are enough but for older versions and for a server that is busy."""
_PAGE: Final = 1000
_CHUNK: Final = 1024 * 1024


class S3Store:
    """An ObjectStore in the bucket of that name, for any number of threads and processes.

    MUST be the bucket's only writer. ``versioned``: whether the bucket keeps, or once kept, older versions; each tombstone
    looks for them all the same, since versioning may be switched on at any time.
    """

    def __init__(self, *, bucket: str, client: S3Client) -> None:
        """Make the bucket if it is missing: private, as S3 makes it, and unversioned. Raises StoreUnavailable."""
        self._bucket = bucket
        self._client = client
        with _failures("start"):
            self._ensure_bucket()
            self.versioned = "Status" in client.get_bucket_versioning(Bucket=bucket)

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        """As ``ObjectStore.put_if_absent``. A retry after a lost answer finds its own bytes: SAME."""
        check_key(key)
        check_content(content)
        with _failures("put"):
            return self._put_whole(key, content, ContentType=media_type)

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        """As ``ObjectStore.put_file_if_absent``."""
        check_key(key)
        with _failures("put"), file.open("rb") as content:
            check_length(os.fstat(content.fileno()).st_size)
            return self._put_whole(key, content)

    def _put_whole(self, key: str, content: bytes | BufferedReader, **said: str) -> Put:
        for pause in _PAUSES:
            time.sleep(pause)
            if self._put(key, content, IfNoneMatch="*", **said):
                return Put.WRITTEN
            if (found := self._compare(key, content)) is not None:
                return found
        raise StoreUnavailable("put: the key does not come to rest")

    def tombstone(self, key: str) -> None:
        """As ``ObjectStore.tombstone``: compare-and-swap, so that neither a plain overwrite nor a late PUT can slip between."""
        check_key(key)
        with _failures("tombstone"):
            for pause in _PAUSES:
                time.sleep(pause)
                emptied = self._make_empty(key)
                if self._purge(key) and emptied:
                    return
        raise StoreUnavailable("tombstone: the key does not come to rest")

    def get(self, key: str) -> bytes | None:
        """As ``ObjectStore.get``."""
        check_key(key)
        with _failures("get"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as fault:
                # Not every 404: a missing bucket must not pass for an object that never was.
                if _code(fault) == "NoSuchKey":
                    return None
                raise
            # Not "with": that would hand out the raw stream behind the one that checks the checksum.
            with closing(answer["Body"]) as body:
                return _read_declared(body, answer["ContentLength"])

    def list(self, prefix: str) -> Iterator[Entry]:
        """As ``ObjectStore.list``: older versions too. Does NOT yield delete markers: they hold nothing."""
        check_prefix(prefix)
        return self._entries(prefix)

    def _entries(self, prefix: str) -> Iterator[Entry]:
        with _failures("list"):
            for found in self._versions(prefix):
                yield Entry(key=found["Key"], size=found["Size"], version=found["VersionId"], modified_at=found["LastModified"])

    def _versions(self, prefix: str) -> Iterator[Any]:
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, PaginationConfig={"PageSize": _PAGE}):
            yield from page.get("Versions", ())

    def _put(self, key: str, content: bytes | BufferedReader, **condition: str) -> bool:
        """PUT under a condition; False when it does not hold, or another request was in the way."""
        digest = base64.b64encode(_sha256(content)).decode()
        try:
            # The server checks the digest and refuses bytes that were damaged on the way.
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ChecksumSHA256=digest, **condition)
        except ClientError as fault:
            # If-Match on a key that holds nothing: 412 on some servers, 404 on others.
            if _status(fault) in {409, 412} or _code(fault) == "NoSuchKey":
                return False
            raise
        return True

    def _compare(self, key: str, content: bytes | BufferedReader) -> Put | None:
        head = self._head(key)
        if head is None:
            return None
        if head["ContentLength"] == 0:
            return Put.FENCED
        if head["ContentLength"] != _length(content):
            return Put.TAKEN
        # The bytes themselves, since a digest kept beside them says only what somebody once meant to write.
        match self.get(key):
            case None:
                return None
            case b"":
                return Put.FENCED
            case found:
                return Put.SAME if _sha256(found) == _sha256(content) else Put.TAKEN

    def _head(self, key: str) -> Any | None:  # noqa: ANN401 - boto3's dictionary
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as fault:
            if _status(fault) == 404:  # noqa: PLR2004 - HTTP's own number
                return None
            raise

    def _make_empty(self, key: str) -> bool:
        """Lay the tombstone; False when something was in the way."""
        if self._put(key, b"", IfNoneMatch="*"):
            return True
        head = self._head(key)
        if head is None:
            return False
        return head["ContentLength"] == 0 or self._put(key, b"", IfMatch=head["ETag"])

    def _purge(self, key: str) -> bool:
        """Delete every version with content; True when there was none left to delete, and the latest is a tombstone.

        On a bucket whose versioning was suspended this comes first: there SeaweedFS (4.48) swaps nothing while a named version
        is the latest. Deleting fences nothing, but it does no harm: a version's name never comes to mean a tombstone. The one
        name that can, ``null``, is left alone where it is the latest.
        """
        versions = [found for found in self._versions(key) if found["Key"] == key]
        content = [found for found in versions if found["Size"] > 0]
        for found in content:
            if found["VersionId"] != "null" or not found["IsLatest"]:
                self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=found["VersionId"])
        return not content and any(found["IsLatest"] for found in versions)

    def _ensure_bucket(self) -> None:
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as fault:
            if _status(fault) != 404:  # noqa: PLR2004 - HTTP's own number
                raise
            self._create_bucket()

    def _create_bucket(self) -> None:
        region = self._client.meta.region_name
        # S3 refuses its oldest region by name, and every other one without.
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self._client.create_bucket(Bucket=self._bucket, **place)
        except ClientError as fault:
            if _code(fault) != "BucketAlreadyOwnedByYou":  # another process of ours was first
                raise


def _read_declared(body: Any, size: int) -> bytes:  # noqa: ANN401 - boto3's stream
    """Read to the end, where boto3 checks the checksum, but never more than was declared or than a store takes."""
    if size > MAX_CONTENT_LENGTH:
        raise StoreUnavailable("an object is larger than a store takes")
    content = bytearray()
    for chunk in body.iter_chunks(_CHUNK):
        content += chunk
        if len(content) > size:
            break
    if len(content) != size:
        raise StoreUnavailable("an object is not as long as it says")
    return bytes(content)


def _sha256(content: bytes | BufferedReader) -> bytes:
    """Hash content; a file is read from its beginning, and is at its beginning again afterwards."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256").digest()
    content.seek(0)
    return digest


def _length(content: bytes | BufferedReader) -> int:
    return len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size


def _status(fault: ClientError) -> int:
    return int(fault.response["ResponseMetadata"]["HTTPStatusCode"])


def _code(fault: ClientError) -> str:
    return str(fault.response["Error"]["Code"])


@contextmanager
def _failures(operation: str) -> Iterator[None]:
    try:
        yield
    except ClientError as fault:
        raise StoreUnavailable(f"{operation}: {_code(fault)}") from fault
    except (BotoCoreError, OSError) as fault:
        raise StoreUnavailable(f"{operation}: {type(fault).__name__}") from fault
