"""Which renditions a destination gets when there is no school, and so no policy, to ask."""

from enum import StrEnum

from service.imaging import RenditionSize, Sizes
from service.pipeline.prepare import SIZES


class Where(StrEnum):
    """The destinations, without a journal's owner: whose it is changes no size."""

    WEBSITE = "website"
    HIGH_PROFILE = "high-profile"
    SHARED_SITE = "shared-site"
    JOURNAL = "journal"


def sizes_for(where: Where) -> Sizes:
    """The renditions of a destination, each with a name of its own."""
    if where in {Where.WEBSITE, Where.HIGH_PROFILE}:
        return SIZES
    return (RenditionSize(name="2560", long_side=2560),)
