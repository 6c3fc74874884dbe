"""Raw calls to the Linux kernel, which Python's library does not wrap."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_NO_NEW_PRIVILEGES = 38


def system_call(number: int, *arguments: object) -> int:  # pragma: no cover - runs in the child
    """What a system call gives.

    :raises OSError: what the kernel said against it
    """
    return _checked(_libc.syscall(ctypes.c_long(number), *(_wide(one) for one in arguments)))


def control(option: int, *arguments: object) -> int:  # pragma: no cover - runs in the child
    """What prctl(2) gives.

    :raises OSError: what the kernel said against it
    """
    return _checked(_libc.prctl(ctypes.c_int(option), *(_wide(one) for one in arguments)))


def give_up_privileges() -> None:  # pragma: no cover - runs in the child
    """From here on no program that is started gains rights; Landlock and seccomp ask for it."""
    control(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _wide(argument: object) -> object:  # pragma: no cover - runs in the child
    """Numbers as the kernel's registers take them."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _checked(result: int) -> int:  # pragma: no cover - runs in the child
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
