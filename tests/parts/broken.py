"""Parts of a house that fail in one chosen way, and houses with such a part."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from service.app import create
from service.wiring import House, Safety
from storage.database import open_database
from storage.gallery import Gallery
from storage.objects.errors import StoreUnavailable
from storage.objects.protocol import Entry, ObjectStore, Put
from storage.quarantine import Quarantine
from storage.sealing import WrappingKey
from storage.store import Store

SECRET = "Zebedee-Quux"
"""Stands in the words of every error: whoever repeats them is found out."""


class OutOfReach:
    """An object store that does not answer."""

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "") -> Put:
        raise StoreUnavailable(SECRET)

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        raise StoreUnavailable(SECRET)

    def tombstone(self, key: str) -> None:
        raise StoreUnavailable(SECRET)

    def get(self, key: str) -> bytes | None:
        raise StoreUnavailable(SECRET)

    def list(self, prefix: str) -> Iterator[Entry]:
        raise StoreUnavailable(SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfenced:
    """A store that lets a late put replace a tombstone: what some servers do."""

    true: ObjectStore

    def put_if_absent(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> Put:
        put = self.true.put_if_absent(key, content, media_type=media_type)
        return Put.WRITTEN if put is Put.FENCED else put

    def put_file_if_absent(self, key: str, file: Path) -> Put:
        put = self.true.put_file_if_absent(key, file)
        return Put.WRITTEN if put is Put.FENCED else put

    def tombstone(self, key: str) -> None:
        self.true.tombstone(key)

    def get(self, key: str) -> bytes | None:
        return self.true.get(key)

    def list(self, prefix: str) -> Iterator[Entry]:
        return self.true.list(prefix)


class Failing:
    """Stands in for any part: whatever is asked of it raises an error of nobody's."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(SECRET)


def client_of(house: House) -> TestClient:
    return TestClient(create(house), raise_server_exceptions=False)


def with_settings(house: House, **settings: object) -> House:
    return replace(house, settings=house.settings.model_copy(update=settings))


def without_store(house: House) -> House:
    """The store does not answer."""
    key = WrappingKey.load_or_create(house.settings.wrapping_key)
    away = OutOfReach()
    stores = replace(house.stores, published=away, quarantine=away)
    safety = Safety(stores=stores, sandbox=house.sandbox)
    quarantine, gallery = Quarantine(objects=away, wrapping_key=key, spool=house.settings.spool), Gallery(objects=away)
    return replace(house, stores=stores, quarantine=quarantine, gallery=gallery, safety=safety)


def with_unsafe_store(house: House) -> House:
    """The store answers, and does not keep its promises."""
    stores = replace(house.stores, published=Unfenced(true=house.stores.published))
    return replace(house, stores=stores, safety=Safety(stores=stores, sandbox=house.sandbox))


def without_database(house: House, folder: Path) -> House:
    """What was the database is an empty file."""
    engine = open_database(f"sqlite:///{folder / 'nothing.sqlite'}")
    return replace(house, engine=engine, store=Store(engine=engine, clock=house.store.clock))


def with_fault(house: House) -> House:
    """Looking at pictures fails as nobody foresaw."""
    return replace(house, gallery=Failing())  # type: ignore[arg-type] # a fault of ours, on purpose
