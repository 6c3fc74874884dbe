"""seccomp: this process makes no system call but those that give memory, time and threads to itself (seccomp(2)).

An allow-list: whatever is not on it fails with EPERM, so that a library which merely asks goes on, and one that needs it ends.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

from service.imaging.jail.kernel import control, give_up_privileges

_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_ANY_BIT, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
"""Classic BPF: load a word, jump if equal, if any bit is set, if at least; return."""
_NUMBER_AT, _PROCESSOR_AT, _ARGUMENTS_AT = 0, 4, 16
"""Offsets in struct seccomp_data; an argument has eight bytes, the lower four first."""
_OTHER_NUMBERING = 0x40000000
"""x86-64's second set of numbers (x32)."""
_EXECUTABLE, _ANONYMOUS, _THREAD = 0x4, 0x20, 0x00010000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """The numbers of system calls on one kind of processor."""

    processor: int
    plain: tuple[int, ...]
    mmap: int
    mprotect: int
    clone: int
    clone3: int


_X86_64 = _Numbers(
    processor=0xC000003E,
    plain=(
        *(11, 12, 25, 28),  # munmap, brk, mremap, madvise
        *(202, 273, 334, 186, 39, 60, 231),  # futex, set_robust_list, rseq, gettid, getpid, exit, exit_group
        *(15, 14, 131, 219),  # rt_sigreturn, rt_sigprocmask, sigaltstack, restart_syscall
        *(228, 96, 201, 230, 35, 24, 204, 318),  # clocks, sleeps, sched_yield, sched_getaffinity, getrandom
    ),
    mmap=9,
    mprotect=10,
    clone=56,
    clone3=435,
)
_AARCH64 = _Numbers(
    processor=0xC00000B7,
    plain=(
        *(215, 214, 216, 233),  # munmap, brk, mremap, madvise
        *(98, 99, 293, 178, 172, 93, 94),  # futex, set_robust_list, rseq, gettid, getpid, exit, exit_group
        *(139, 135, 132, 128),  # rt_sigreturn, rt_sigprocmask, sigaltstack, restart_syscall
        *(113, 169, 115, 101, 124, 123, 278),  # clocks, sleeps, sched_yield, sched_getaffinity, getrandom
    ),
    mmap=222,
    mprotect=226,
    clone=220,
    clone3=435,
)
_PROCESSORS = {"x86_64": _X86_64, "aarch64": _AARCH64}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


class Filter:
    """The allow-list, compiled once; ``apply`` puts it around the calling process for good."""

    def __init__(self, machine: str | None = None) -> None:
        """Compile for this processor, or for the one named; for one that is not known there is nothing to put up."""
        numbers = _PROCESSORS.get(machine or platform.machine())
        self.code = _compiled(numbers) if numbers else b""
        self._program = _Program(len(self.code) // 8, self.code)

    def apply(self) -> bool:  # pragma: no cover - would shut the tests in
        """Put up the wall around the calling thread and whatever it starts; True if it stands."""
        if not self.code:
            return False
        try:
            give_up_privileges()
            control(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(self._program))
        except OSError:
            return False
        return True

    def holds(self) -> bool:
        """Try it in a process made for that: True only if the wall was put up there and was seen to stop a call."""
        trial = os.fork()
        if trial == 0:  # pragma: no cover - ends without a report
            os._exit(_seen_to_hold(self))
        return os.waitstatus_to_exitcode(os.waitpid(trial, 0)[1]) == _HOLDS


_HOLDS, _DOES_NOT = 7, 8


def _seen_to_hold(filter_: Filter) -> int:  # pragma: no cover - runs in a process of its own
    if not filter_.apply():
        return _DOES_NOT
    try:
        os.pipe()  # harmless, and not on the list
    except PermissionError:
        return _HOLDS
    return _DOES_NOT


def _compiled(numbers: _Numbers) -> bytes:
    """Kill for another processor's numbering, then each call on the list in its turn; at the end, no."""
    words = [
        (_LOAD, 0, 0, _PROCESSOR_AT),
        (_JUMP_IF_EQUAL, 1, 0, numbers.processor),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_AT_LEAST, 0, 1, _OTHER_NUMBERING),
        (_RETURN, 0, 0, _KILL),
    ]
    for number in numbers.plain:
        words += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    # New memory is nobody's file and is never executable; a new process shares everything: it is a thread.
    words += _unless(numbers.mmap, [_without(2, _EXECUTABLE), _with(3, _ANONYMOUS)])
    words += _unless(numbers.mprotect, [_without(2, _EXECUTABLE)])
    words += _unless(numbers.clone, [_with(0, _THREAD)])
    # The newer clone hides its flags from us. "No such call" makes the C library use the older one.
    words += [(_JUMP_IF_EQUAL, 0, 1, numbers.clone3), (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]
    words.append((_RETURN, 0, 0, _FAIL | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *word) for word in words)


_Word = tuple[int, int, int, int]


def _unless(number: int, checks: list[list[_Word]]) -> list[_Word]:
    """Allow one call if every check of its arguments holds; each check says no by itself."""
    body = [word for check in checks for word in check]
    return [(_JUMP_IF_EQUAL, 0, len(body) + 1, number), *body, (_RETURN, 0, 0, _ALLOW)]


def _with(argument: int, bit: int) -> list[_Word]:
    return [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument), (_JUMP_IF_ANY_BIT, 1, 0, bit), (_RETURN, 0, 0, _FAIL | errno.EPERM)]


def _without(argument: int, bit: int) -> list[_Word]:
    return [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument), (_JUMP_IF_ANY_BIT, 0, 1, bit), (_RETURN, 0, 0, _FAIL | errno.EPERM)]
