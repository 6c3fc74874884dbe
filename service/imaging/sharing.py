"""Memory that two processes share, and nobody else: a picture goes in through one piece, raw pixels come out through another.

Neither has a name in any file system. Both are sealed against a change of size, so that no process can be made to read memory
which the other has taken away (memfd_create(2), fcntl(2): F_ADD_SEALS).
"""

import fcntl
import mmap
import os

from service.imaging.containers.layout import MAX_PIXELS
from service.imaging.raster import BYTES_PER_PIXEL

PIXELS_AT = 1 << 20
"""Where pixels begin in an answer: its header comes before."""
MAX_ANSWER = PIXELS_AT + MAX_PIXELS * BYTES_PER_PIXEL
_FIXED = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW


def question(untrusted: bytes) -> int:
    """A descriptor of memory that holds these bytes and can't be changed by anybody.

    :raises OSError: no memory or no descriptor left
    """
    return _memory("question", len(untrusted), _FIXED | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL, untrusted)


def empty_answer(pixels: int) -> int:
    """A descriptor of zeroed memory with room for a header and so many pixels; it takes real memory only as it is written.

    :raises OSError: no memory or no descriptor left
    """
    return _memory("answer", PIXELS_AT + pixels * BYTES_PER_PIXEL, _FIXED | fcntl.F_SEAL_SEAL)


def read_only(descriptor: int) -> mmap.mmap:
    """The memory behind a descriptor, to be read."""
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def writable(descriptor: int) -> mmap.mmap:
    """The memory behind a descriptor, to be written."""
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_WRITE)


def _memory(name: str, length: int, seals: int, content: bytes = b"") -> int:
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, length)
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
