"""What is known about one photo, and the proof that its pixels are clean."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from consent.people import PupilId
from consent.policy import DestinationKind

PhotoId = NewType("PhotoId", str)
PublicationId = NewType("PublicationId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One clean file of an image: ``content`` is the whole file, ``sha256`` its hex digest, width and height in pixels."""

    name: str
    width: int
    height: int
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanImage:
    """Proof that every rendition holds pixels and nothing else (promise P4).

    MUST be made by ``service.imaging.verify`` alone (tests/guards/test_proofs.py). ``digest`` is the hex SHA-256 over the
    renditions' names and digests, in order, and names the image for ever.
    """

    digest: str
    renditions: tuple[Rendition, ...]


class Faces(StrEnum):
    """Is every face in the picture bound to somebody? A fact of the photo from the start."""

    UNKNOWN = "unknown"
    UNACCOUNTED = "unaccounted"
    ACCOUNTED = "accounted"


class Place(StrEnum):
    """Where the picture was taken, as far as the rules care."""

    NOT_STATED = "not-stated"
    ORDINARY = "ordinary"
    PROHIBITED = "prohibited"
    """A changing room or a toilet area (policy W: "Cameras of any kind should not be taken into ...")."""


class Aware(StrEnum):
    """Did the children know that they were photographed (policy W)?"""

    NOT_STATED = "not-stated"
    YES = "yes"
    NO = "no"


class WordsState(StrEnum):
    """What the name scrub found in title, caption, alt text, event and tags."""

    UNCHECKED = "unchecked"
    CLEAN = "clean"
    HELD = "held"


class DeviceState(StrEnum):
    """What the device register says of the device that took the picture (``consent.devices.match``)."""

    NOT_CHECKED = "not-checked"
    SCHOOL = "school"
    OTHER_CLASS = "other-class"
    """A school device that is allocated to another class than the uploader's: recorded and shown, not held."""
    UNKNOWN = "unknown"
    PERSONAL = "personal"
    CONTRADICTED = "contradicted"
    """What the camera wrote is not what the named device writes, or contradicts itself."""
    INACTIVE = "inactive"
    """A school device that was not in use on that day."""
    AMBIGUOUS = "ambiguous"
    """Several devices of the register fit."""


class Metadata(StrEnum):
    """Could all that the camera wrote into the picture be read?"""

    NOT_READ = "not-read"
    READ = "read"
    UNREADABLE = "unreadable"
    SEEN = "seen"
    """Whether it could or not, a second person has looked at the picture since."""


class Other(StrEnum):
    """Somebody pictured who is not a pupil on the register."""

    UNKNOWN_CHILD = "unknown-child"
    OUTSIDER_CONFIRMED = "outsider-confirmed"
    """Another school's child whose own school or parent agreed, confirmed one by one."""
    STAFF = "staff"
    """Staff, under their standing agreement."""
    ADULT_AGREED = "adult-agreed"
    ADULT = "adult"
    """An adult who has not agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedWords:
    """The words that go out with an image: already scrubbed, never as typed."""

    title: str = ""
    caption: str = ""
    alt: str = ""
    event: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """Everything about a photo that a decision may depend on.

    ``image``: digest of the clean image, or None while there is none. ``subjects``: the tagged pupils. ``declared``: a teacher
    says that these are all. ``no_pupils``: a teacher says that no pupil can be seen. ``covered``: subjects whose likeness was
    covered; they stay pictured until ``cover_confirmed`` (a second person). ``faces``: see Faces. ``largest_face``: share of
    the frame, 0 to 1, None if not measured. ``words_names``: digest of the register's names the words were checked against.
    ``excepted``: destinations for which a headteacher's exception covers the device, as of now. ``mentioned``: for each person
    whom the file names the pupils of the uploader's classes who may be meant, an empty set for nobody known; None while that
    was not looked for.
    """

    id: PhotoId
    image: str | None
    subjects: frozenset[PupilId]
    no_pupils: bool = False
    declared: bool = False
    others: tuple[Other, ...] = ()
    covered: frozenset[PupilId] = frozenset()
    cover_confirmed: bool = False
    place: Place = Place.NOT_STATED
    aware: Aware = Aware.NOT_STATED
    faces: Faces = Faces.UNKNOWN
    largest_face: float | None = None
    words: WordsState = WordsState.UNCHECKED
    words_names: str | None = None
    device: DeviceState = DeviceState.NOT_CHECKED
    excepted: frozenset[DestinationKind] = frozenset()
    metadata: Metadata = Metadata.NOT_READ
    mentioned: tuple[frozenset[PupilId], ...] | None = None


def names_others(photo: Photo) -> bool:
    """True if the file names somebody who is no subject, or if nobody has looked whom it names."""
    if photo.mentioned is None:
        return photo.image is not None
    return any(meant.isdisjoint(photo.subjects) for meant in photo.mentioned)
