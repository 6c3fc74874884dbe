"""The three object stores, opened by one address: ``file:///folder`` or ``s3://prefix?endpoint_url=...&region=...``."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from storage.objects.errors import StoreUrlRefused
from storage.objects.folder import FolderStore
from storage.objects.protocol import ObjectStore

_UK: Final = "eu-west-2"
"""The region when none is named: London. Pupils' pictures stay in the country unless somebody decides otherwise."""
_BUCKET_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,50}[a-z0-9]")
"""With the longest ending, ``-quarantine``, a bucket's name stays within the 63 characters of S3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One store for each place where bytes rest, so that none can be mistaken for another."""

    quarantine: ObjectStore
    """Originals, sealed; never served."""
    prepared: ObjectStore
    """Clean renditions that wait for a decision, sealed."""
    published: ObjectStore
    """What readers are given, while its publication stands."""


def open_stores(url: str, *, environment: Mapping[str, str] = os.environ) -> Stores:
    """Open, and where missing make, the stores at url: three folders below a folder, or three buckets ``prefix-...``.

    Credentials come from the environment alone: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if set, AWS_SESSION_TOKEN.
    Raises StoreUrlRefused, which echoes nothing of the url, and StoreUnavailable.
    """
    try:
        parts = urlsplit(url)
        # A malformed port or host shows itself only when asked for.
        named = (parts.username, parts.password, parts.port)
    except ValueError:
        raise StoreUrlRefused("the store's address cannot be read") from None
    if any(named):
        raise StoreUrlRefused("the store's address names no user, password or port: credentials come from the environment")
    match parts.scheme:
        case "file":
            return _open_folders(parts)
        case "s3":
            return _open_buckets(parts, environment)
        case _:
            raise StoreUrlRefused("the store's address begins with file:/// or s3://")


def _open_folders(parts: SplitResult) -> Stores:
    folder = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/") or not parts.path.strip("/"):
        raise StoreUrlRefused("a folder's address is file:/// and the absolute path of a folder, and nothing else")
    if parts.query or parts.fragment or "\0" in str(folder):
        raise StoreUrlRefused("a folder's address is file:/// and the absolute path of a folder, and nothing else")
    return Stores(
        quarantine=FolderStore(root=folder / "quarantine"),
        prepared=FolderStore(root=folder / "prepared"),
        published=FolderStore(root=folder / "published"),
    )


def _open_buckets(parts: SplitResult, environment: Mapping[str, str]) -> Stores:
    if _BUCKET_PREFIX.fullmatch(parts.netloc) is None or parts.path.strip("/") or parts.fragment:
        raise StoreUrlRefused("s3:// is followed by the buckets' prefix: 3 to 52 of a-z 0-9 - that begin and end in a-z 0-9")
    options = _options(parts.query)
    if not environment.get("AWS_ACCESS_KEY_ID") or not environment.get("AWS_SECRET_ACCESS_KEY"):
        raise StoreUrlRefused("an S3 store needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
    # Only who uses S3 pays the half second and the memory of boto3.
    from storage.objects.s3 import S3Store  # noqa: PLC0415
    from storage.objects.s3client import connect  # noqa: PLC0415

    client = connect(
        endpoint_url=options.get("endpoint_url"),
        region=options.get("region", _UK),
        access_key=environment["AWS_ACCESS_KEY_ID"],
        secret_key=environment["AWS_SECRET_ACCESS_KEY"],
        session_token=environment.get("AWS_SESSION_TOKEN"),
    )
    return Stores(
        quarantine=S3Store(bucket=f"{parts.netloc}-quarantine", client=client),
        prepared=S3Store(bucket=f"{parts.netloc}-prepared", client=client),
        published=S3Store(bucket=f"{parts.netloc}-published", client=client),
    )


def _options(query: str) -> dict[str, str]:
    try:
        options = parse_qs(query, keep_blank_values=True, strict_parsing=True, max_num_fields=2) if query else {}
    except ValueError:
        raise StoreUrlRefused("an s3:// address has endpoint_url and region, once each, and nothing else") from None
    if options.keys() - {"endpoint_url", "region"} or any(len(values) != 1 or not values[0] for values in options.values()):
        raise StoreUrlRefused("an s3:// address has endpoint_url and region, once each, and nothing else")
    chosen = {name: values[0] for name, values in options.items()}
    if re.fullmatch(r"[a-z0-9-]{1,32}", chosen.get("region", _UK)) is None:
        raise StoreUrlRefused("a region has 1 to 32 of the characters a-z 0-9 -")
    if "endpoint_url" in chosen and not _is_plain_endpoint(chosen["endpoint_url"]):
        raise StoreUrlRefused("endpoint_url is http:// or https:// with a host and maybe a port, and no user or password")
    return chosen


def _is_plain_endpoint(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and "@" not in parts.netloc and not (parts.query or parts.fragment)
