"""The only place where parts are put together."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

import structlog
from PIL import Image
from sqlalchemy import Engine

from service.imaging import ImagingError, Jail, NotJailed, RenditionSize, Sandbox
from service.pipeline.standing import Matchers
from service.settings import Settings
from storage import photos
from storage.database import open_database
from storage.gallery import Gallery
from storage.objects.atomicity import prove_atomic
from storage.objects.errors import NotAtomic, StoreError
from storage.objects.stores import Stores, open_stores
from storage.prepared import Prepared
from storage.published import Published
from storage.quarantine import Quarantine
from storage.sealing import WrappingKey
from storage.store import Clock, Store

_log = structlog.get_logger("wiring")
_GOOD_FOR: Final = 3600.0
_BAD_FOR: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Every part of one process. ``close`` ends what it started."""

    settings: Settings
    engine: Engine
    store: Store
    stores: Stores
    quarantine: Quarantine
    prepared: Prepared
    published: Published
    gallery: Gallery
    sandbox: Sandbox
    matchers: Matchers
    safety: "Safety"
    looks: threading.Semaphore
    """A place for each upload that may be open, and whole in memory, at one time."""

    def close(self) -> None:
        """End the imaging child and the database connections."""
        self.sandbox.close()
        self.engine.dispose()


class Safety:
    """Remembers what was proven of this process's parts, so that a look at ``/readyz`` is no way to keep them busy."""

    def __init__(self, *, stores: Stores, sandbox: Sandbox) -> None:
        """Start knowing nothing."""
        self._stores = stores
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bool, float]] = {}
        self._jail: Jail | None = None

    def store_is_safe(self) -> bool:
        """Race conditional puts against a tombstone: True only if one put wins and the tombstone is last."""
        return self._remembered("store", self._race)

    def imaging_works(self) -> bool:
        """Clean a small picture in the child process: True only if a proven clean image comes back."""
        return self._remembered("imaging", self._clean)

    @property
    def jail(self) -> Jail | None:
        """How well pictures are shut in; None while nobody knows."""
        return self._jail

    def check_jail(self) -> None:
        """Find out how well pictures are shut in, and say so in the log if a wall is missing.

        Raises NotJailed where the settings require every wall. That no child starts at all is for ``imaging_works`` to say.
        """
        try:
            self._jail = self._sandbox.jail()
        except NotJailed as missing:
            _log.error("imaging-not-jailed", jail=str(missing))
            raise
        except ImagingError as refused:
            _log.error("imaging-broken", reason=refused.reason.value)
            return
        if self._jail is not Jail.JAILED:
            _log.warning("imaging-not-jailed", jail=self._jail.value)

    def _remembered(self, what: str, prove: Callable[[], bool]) -> bool:
        with self._lock:
            good, until = self._known.get(what, (False, 0.0))
            if time.monotonic() >= until:
                good = prove()
                self._known[what] = (good, time.monotonic() + (_GOOD_FOR if good else _BAD_FOR))
            return good

    def _race(self) -> bool:
        try:
            prove_atomic(self._stores.published)
        except (NotAtomic, StoreError) as fault:
            _log.error("store-unsafe", fault=type(fault).__name__)
            return False
        return True

    def _clean(self) -> bool:
        picture = BytesIO()
        Image.new("RGB", (32, 24), "teal").save(picture, "PNG")
        try:
            self.check_jail()
            self._sandbox.clean(picture.getvalue(), (RenditionSize(name="probe", long_side=16),))
        except NotJailed:
            return False
        except ImagingError as refused:
            _log.error("imaging-broken", reason=refused.reason.value)
            return False
        return True


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    open_objects: Callable[[str], Stores] = open_stores,
    sandbox: Sandbox | None = None,
) -> House:
    """Open database, stores and key, and put the house together. Changes no schema and starts no thread."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_database(settings.database)
    stores = open_objects(settings.store)
    key = _wrapping_key(settings, engine)
    sandbox = sandbox or Sandbox(timeout_seconds=settings.imaging_seconds, required=settings.sandbox == "required")
    return House(
        settings=settings,
        engine=engine,
        store=Store(engine=engine, clock=clock),
        stores=stores,
        quarantine=Quarantine(objects=stores.quarantine, wrapping_key=key, spool=settings.spool),
        prepared=Prepared(objects=stores.prepared, wrapping_key=key),
        published=Published(objects=stores.published),
        gallery=Gallery(objects=stores.published),
        sandbox=sandbox,
        matchers=Matchers(),
        safety=Safety(stores=stores, sandbox=sandbox),
        looks=threading.BoundedSemaphore(settings.max_looks_at_once),
    )


def _wrapping_key(settings: Settings, engine: Engine) -> WrappingKey:
    """Load the wrapping key, or make the first one; never a second, so that the loss of one does not go unnoticed."""
    with engine.connect() as connection:
        needed = photos.any_is_sealed(connection)
    return WrappingKey.load(settings.wrapping_key) if needed else WrappingKey.load_or_create(settings.wrapping_key)
