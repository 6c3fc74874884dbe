"""Which sizes of an image go where: the sides that the policy names, and the files of an image that keep to them.

A rendition's name is its long side in pixels, as text; its file is never larger than that, and smaller where the picture is.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from consent.photo import Rendition
from consent.policy import Policy, kind_of
from consent.purposes import Destination

WITHOUT_POLICY: Final = (320, 800, 1600, 2560)
"""Made while no policy is in force: every side of ``consent/default_policy.toml``, so that the one to come finds them ready."""


def sides_at(policy: Policy | None, destination: Destination) -> tuple[int, ...]:
    """Return the long sides that go to a destination, ascending; none without a policy."""
    return policy.renditions[kind_of(destination)] if policy is not None else ()


def every_side(policy: Policy | None) -> tuple[int, ...]:
    """Return every side that any destination asks for, ascending: what one decode of an original has to give."""
    if policy is None:
        return WITHOUT_POLICY
    return tuple(sorted({side for sides in policy.renditions.values() for side in sides}))


def cleared(files: Iterable[Rendition], sides: Sequence[int]) -> tuple[Rendition, ...]:
    """Return for each side the largest file that is not larger, each once, the smallest first.

    A file that is larger than its name says, or whose name is no side, is never among them.
    """
    known = {side: one for one in files if (side := _side(one.name)) is not None and max(one.width, one.height) <= side}
    found = {max((one for one in known if one <= side), default=None) for side in sides}
    return tuple(known[side] for side in sorted(side for side in found if side is not None))


def lacking(files: Iterable[Rendition], sides: Iterable[int]) -> bool:
    """True if a side is asked for that no file was made for."""
    return not set(sides) <= {_side(one.name) for one in files}


def oversized(names: Iterable[str], sides: Iterable[int]) -> bool:
    """True if a rendition of these names is larger than the largest side, or of no side that can be told."""
    most = max(sides, default=0)
    return any((side := _side(name)) is None or side > most for name in names)


def _side(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdecimal() else None
