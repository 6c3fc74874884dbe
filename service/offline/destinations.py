"""Which renditions a destination gets when there is no school to ask: those of the policy that every school starts with."""

from consent.policy import DestinationKind, parse_policy
from service.imaging import RenditionSize, Sizes
from service.operate import default_policy


def sizes_for(where: DestinationKind) -> Sizes:
    """The renditions of a destination, each with a name of its own."""
    sides = parse_policy(default_policy()).renditions[where]
    return tuple(RenditionSize(name=str(side), long_side=side) for side in sides)
