"""What the demonstration uploads, and where each picture must end up."""

from dataclasses import dataclass
from typing import Final

from consent.purposes import Purpose
from service.demo.school import CAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One upload. ``ends`` is the outcome at every destination it asks for; ``why`` the exact reason, where it is a no.

    ``to``: destinations; ``journal`` stands for that of the first pupil pictured. ``keep``: the scene is taken down later.
    """

    title: str
    picture: str
    pupils: tuple[str, ...]
    to: tuple[str, ...]
    ends: str
    why: str = ""
    declared: bool = True
    place: str = "classroom"
    tags: tuple[str, ...] = ()


_GROUP: Final = CAST["agreed-group"]
WITHDRAWS: Final = CAST["withdraws"][0]
PROTECTED: Final = CAST["protected"][0]
WITHDRAWN_PURPOSE: Final = Purpose.WEBSITE_GROUP

SCENES: Final = (
    Scene(
        title="Our nature trail",
        picture="class-group",
        pupils=(*_GROUP, WITHDRAWS),
        to=("website", "shared-site"),
        ends="approved",
        tags=("nature", "trail"),
    ),
    Scene(title="Rainbow painting", picture="painting", pupils=(), to=("website",), ends="approved"),
    Scene(title="Cardboard castle", picture="castle", pupils=(), to=("shared-site",), ends="approved"),
    Scene(
        title="Building together",
        picture="blocks",
        pupils=(*CAST["eyfs-owner"], *CAST["eyfs-friend"]),
        to=("journal",),
        ends="approved",
    ),
    Scene(
        title="Sports morning",
        picture="sports-day",
        pupils=(*_GROUP[:2], *CAST["refused-classmate"]),
        to=("website",),
        ends="held",
        why="pupil:refused",
    ),
    Scene(
        title="Class photo",
        picture="class-group",
        pupils=(*_GROUP[:3], *CAST["adopted-after-yes"]),
        to=("website", "high-profile"),
        ends="held",
        why="pupil:void",
    ),
    Scene(
        title="Relay race",
        picture="sports-day",
        pupils=(*_GROUP[:2], PROTECTED),
        to=("website",),
        ends="held",
        why="pupil:protected",
    ),
    Scene(
        title="Reading corner",
        picture="portrait",
        pupils=CAST["refused-classmate"],
        to=("website",),
        ends="rejected",
        why="pupil:refused",
    ),
    Scene(
        title="Circle time",
        picture="class-group",
        pupils=_GROUP[:4],
        to=("website",),
        ends="held",
        why="subjects:undeclared",
        declared=False,
    ),
    Scene(
        title="Library walk",
        picture="personal-phone",
        pupils=_GROUP[:3],
        to=("website",),
        ends="held",
        why="device:personal",
        place="library",
    ),
    Scene(
        title="Swimming lesson",
        picture="portrait",
        pupils=_GROUP[:1],
        to=("website",),
        ends="rejected",
        why="place:prohibited",
        place="changing room",
    ),
)
