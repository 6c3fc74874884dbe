"""A house whose every step can be watched, interrupted or ended: real parts, each behind a thin layer that tells first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Connection, Engine

from consent.people import SchoolId
from service.wiring import House
from storage.gallery import Gallery
from storage.objects.errors import StoreUnavailable
from storage.objects.protocol import Entry, ObjectStore, Put
from storage.objects.s3client import connect
from storage.prepared import Prepared
from storage.published import Published
from storage.quarantine import Quarantine
from storage.sealing import WrappingKey
from storage.store import Clock, Store, Transaction
from tests.parts.world import Backend, World

Tell = Callable[[str], None]
"""Told of each moment, such as ``before published.put`` or ``after commit``; whatever it raises ends the step there."""


class Killed(BaseException):
    """The process ended here: nothing of its own runs after this."""


def kill() -> None:
    raise Killed


def fail() -> None:
    raise StoreUnavailable("the test took the store away")


@dataclass(slots=True)
class At:
    """Does something once: the ``nth`` time (from 1) that a moment comes; with "" as the moment, whichever comes then."""

    moment: str
    do: Callable[[], None]
    nth: int = 1
    seen: int = 0

    def __call__(self, moment: str) -> None:
        if moment == self.moment or not self.moment:
            self.seen += 1
            if self.seen == self.nth:
                self.do()


@dataclass(slots=True)
class Heard:
    """Writes down every moment."""

    moments: list[str] = field(default_factory=list)

    def __call__(self, moment: str) -> None:
        self.moments.append(moment)


class WatchedStore:
    """An object store that tells before and after each thing it does."""

    def __init__(self, inner: ObjectStore, *, name: str, tell: Tell) -> None:
        self._inner, self._name, self._tell = inner, name, tell

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        with self._told("put"):
            return self._inner.put_if_absent(key, content, media_type=media_type)

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        with self._told("put"):
            return self._inner.put_file_if_absent(key, file)

    def tombstone(self, key: str) -> None:
        with self._told("tombstone"):
            self._inner.tombstone(key)

    def get(self, key: str) -> bytes | None:
        with self._told("get"):
            return self._inner.get(key)

    def list(self, prefix: str) -> Iterator[Entry]:
        with self._told("list"):
            return self._inner.list(prefix)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        self._tell(f"before {self._name}.{what}")
        yield
        self._tell(f"after {self._name}.{what}")


class WatchedDatabase(Store):
    """A database that tells before and after each commit; ended before, the step is undone."""

    def __init__(self, *, engine: Engine, clock: Clock, tell: Tell) -> None:
        super().__init__(engine=engine, clock=clock)
        self._tell = tell

    @contextmanager
    def transaction(self, school: SchoolId, *, actor: str) -> Iterator[Transaction]:
        with super().transaction(school, actor=actor) as step:
            yield step
            self._tell("before commit")
        self._tell("after commit")

    @contextmanager
    def housekeeping(self) -> Iterator[Connection]:
        with super().housekeeping() as connection:
            yield connection
            self._tell("before housekeeping")
        self._tell("after housekeeping")


class Aged:
    """An object store in which everything was laid long ago."""

    def __init__(self, inner: ObjectStore, *, by: timedelta) -> None:
        self._inner, self._by = inner, by
        self.put_if_absent, self.put_file_if_absent = inner.put_if_absent, inner.put_file_if_absent
        self.tombstone, self.get = inner.tombstone, inner.get

    def list(self, prefix: str) -> Iterator[Entry]:
        return (replace(entry, modified_at=entry.modified_at - self._by) for entry in self._inner.list(prefix))


def watched(house: House, tell: Tell) -> House:
    """The same house, watched."""
    key = WrappingKey.load(house.settings.wrapping_key)

    def seen(store: ObjectStore, name: str) -> WatchedStore:
        return WatchedStore(store, name=name, tell=tell)

    published = seen(house.stores.published, "published")
    return replace(
        house,
        store=WatchedDatabase(engine=house.engine, clock=house.store.clock, tell=tell),
        quarantine=Quarantine(objects=seen(house.stores.quarantine, "quarantine"), wrapping_key=key, spool=house.settings.spool),
        prepared=Prepared(objects=seen(house.stores.prepared, "prepared"), wrapping_key=key),
        published=Published(objects=published),
        gallery=Gallery(objects=published),
    )


def lay_behind_our_back(world: World, key: str, content: bytes) -> None:
    """Lay bytes in the publish bucket as somebody with its keys would, over whatever stands there."""
    _lay(world.backend, key, content)
    found = {entry.key: entry.size for entry in world.house.stores.published.list(f"{world.school}/")}
    assert found[key] == len(content), "the test laid it where the store does not look"


def _lay(backend: Backend, key: str, content: bytes) -> None:
    address = urlsplit(backend.store_url)
    if address.scheme == "file":
        *folders, name = key.split("/")
        file = Path(address.path, "published", "objects", *(f"{one}+" for one in folders), name[:2], name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_bytes(content)
        return
    options = {name: values[0] for name, values in parse_qs(address.query).items()}
    client = connect(
        endpoint_url=options["endpoint_url"],
        region=options["region"],
        access_key=backend.environment["AWS_ACCESS_KEY_ID"],
        secret_key=backend.environment["AWS_SECRET_ACCESS_KEY"],
    )
    client.put_object(Bucket=f"{address.netloc}-published", Key=key, Body=content)
