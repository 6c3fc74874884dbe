"""What can go wrong with the memory.

StorageError
├── DatabaseUnknown      the URL names no database we can use
├── NotFound             no such row in this school
│   ├── UnknownDevice    no such device, where one was named
│   └── UnknownRegGroup  nobody is in such a class, where one was named
├── Conflict             the row is not in the state the step expects
├── SilentChange         a transaction wrote without saying so in the log
├── LockOrder            locks were taken in an order that could deadlock
├── Fenced               a tombstone stands where an image was to be put: it was withdrawn meanwhile
└── NotGone              a probe still found bytes after a tombstone was written
"""


class StorageError(Exception):
    """Base of the family. Messages never carry words, names or file names."""


class DatabaseUnknown(StorageError):
    """The database URL names nothing we can use."""


class NotFound(StorageError):
    """There is no such thing in this school."""


class UnknownDevice(NotFound):
    """A device was named that is not in this school's register."""


class UnknownRegGroup(NotFound):
    """A class was named that nobody on this school's register is in."""


class Conflict(StorageError):
    """The thing is not in the state that the step expects."""


class SilentChange(StorageError):
    """A transaction changed rows without writing an audit event."""


class LockOrder(StorageError):
    """A lock was asked for after one that comes later in the fixed order."""


class Fenced(StorageError):
    """The key holds a tombstone: the publication was withdrawn before its bytes arrived."""


class NotGone(StorageError):
    """Bytes were still found after the tombstone was written."""
