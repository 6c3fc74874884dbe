"""Which walls stand around a picture's process, and what that makes of it."""

from enum import StrEnum


class Wall(StrEnum):
    """A wall that the kernel may or may not know. Limits of memory, time and files stand everywhere."""

    LANDLOCK = "landlock"
    """No file is opened, no TCP port bound or connected, no process outside signalled."""
    SECCOMP = "seccomp"
    """No system call but those that give memory, time and threads to the process itself."""


class Jail(StrEnum):
    """How well pictures are shut in."""

    JAILED = "jailed"
    PARTLY = "partly-jailed"
    """One wall is missing."""
    LIMITS_ONLY = "limits-only"
    """A process of its own with limits, and no wall."""

    @classmethod
    def of(cls, walls: frozenset[Wall]) -> "Jail":
        """The jail that these walls make."""
        if walls == frozenset(Wall):
            return cls.JAILED
        return cls.PARTLY if walls else cls.LIMITS_ONLY
