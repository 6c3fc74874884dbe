"""What can go wrong with bytes at rest: a branch of the family in ``storage.errors``.

    StoreError
    ├── KeyRefused          (also ValueError) a key or prefix that is not of the allowed shape
    ├── ContentRefused      (also ValueError) nothing, too much, or not what its digest says
    ├── StoreUrlRefused     (also ValueError) a store address that says nothing we can open, or names a secret
    ├── StoreUnavailable    the store did not answer, or answered something unknown: the outcome is not known, try again
    ├── NotAtomic           the store lost the start-up race: nothing may be published through it
    ├── ObjectMissing       an object that was kept is not there, and no tombstone says why
    ├── ObjectDisposed      a tombstone stands where the object was
    ├── SealBroken          wrong wrapping key, wrong photo, or bytes that were altered
    └── WrappingKeyRefused  the key file is unreadable, readable by others, or holds no key

No message holds content, a key's text or a secret.
"""

from storage.errors import StorageError


class StoreError(StorageError):
    """Anything that goes wrong with bytes at rest."""


class KeyRefused(StoreError, ValueError):
    """A key or prefix is not of the shape ``storage.objects.keys`` allows."""


class ContentRefused(StoreError, ValueError):
    """Content is empty (which means tombstone), larger than a store takes, or not what its digest says."""


class StoreUrlRefused(StoreError, ValueError):
    """A store's address cannot be opened as it is written."""


class StoreUnavailable(StoreError):
    """The store did not answer, or answered something unknown. What was asked may or may not have happened, or happen yet."""


class NotAtomic(StoreError):
    """The store let two writers win, or let a writer beat a tombstone. Nothing may be published through it."""


class ObjectMissing(StoreError):
    """An object that was kept is not there, and no tombstone says why."""


class ObjectDisposed(StoreError):
    """A tombstone stands where the object was."""


class SealBroken(StoreError):
    """Sealed bytes do not open: wrong wrapping key, wrong photo, or altered."""


class WrappingKeyRefused(StoreError):
    """The wrapping key's file is unreadable, readable by others, or holds no key."""
