"""The shapes that calls give: ids, codes and counts, and names only where the caller may see them."""

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, Field

from consent.photo import DeviceState
from consent.policy import DestinationKind
from service.api.fields import Shape
from service.api.shapes import Words
from storage.users import Role

_Value = TypeVar("_Value")


def _is_nothing(value: object) -> bool:
    return value is None


Left = Annotated[_Value | None, Field(exclude_if=_is_nothing)]
"""A member that is left out where there is nothing to say, or nothing that this caller may see."""


class Shown(Shape):
    """One finding, as far as the caller may see it."""

    reason: str
    sentence: str
    pupil: Left[str] = None
    remedies: Left[list[str]] = None


class DestinationState(Shape):
    """How far a photo got at one destination."""

    destination: str
    outcome: Literal["pending", "approved", "held", "rejected"]
    findings: list[Shown]
    publication: Left[str] = None


class Removed(Shape):
    """What was taken out of a file, by kind and count, never by value."""

    kind: str
    count: int


class DeviceSeen(Shape):
    """What the device register says of the device that took a photo.

    ``excepted``: destinations for which an exception is in force, while the policy allows any. ``sign_in``: who sent it, for
    headteacher and DSL.
    """

    state: DeviceState
    label: Left[str] = None
    excepted: Left[list[DestinationKind]] = None
    sign_in: Left[str] = None


class PhotoAccepted(Shape):
    """An accepted photo."""

    id: str
    state: str
    destinations: list[DestinationState]


class PhotoState(PhotoAccepted):
    """A photo as its uploader sees it.

    ``words`` are the scrubbed ones; while they are held, a suggestion without names. ``suggested``: pupils of the teacher's own
    classes whom the file may name and who are not tagged. None is pictured until somebody says so.
    """

    removed: list[Removed]
    words: Words
    words_state: str
    fault: Left[str] = None
    device: Left[DeviceSeen] = None
    suggested: Left[list[str]] = None


class PhotoWaiting(Shape):
    """A photo that waits for a second person."""

    id: str
    waiting_for: Literal["metadata"]
    accepted_at: AwareDatetime


class PhotosWaiting(Shape):
    """Every photo that waits for a second person, the oldest first."""

    items: list[PhotoWaiting]


class RenditionShown(Shape):
    """One file of a publication."""

    name: str
    width: int
    height: int
    href: str
    sha256: str
    media_type: str


class PublicationShown(Shape):
    """A published image. Neither pupils nor reasons."""

    id: str
    destination: str
    published_at: AwareDatetime
    title: str
    caption: str
    alt: str
    event: str
    tags: list[str]
    renditions: list[RenditionShown]


class Publications(Shape):
    """A page of publications; ``next`` is the cursor of the following page, null on the last."""

    items: list[PublicationShown]
    next: str | None


class Change(Shape):
    """A publication came or went."""

    type: Literal["Create", "Delete"]
    id: str
    at: AwareDatetime
    tombstone: Left[bool] = None


class Changes(Shape):
    """Changes in the order of the log; ``next`` is where to go on, always."""

    items: list[Change]
    next: str


class ProbeShown(Shape):
    """What a look at one object found after its tombstone was written."""

    rendition: str
    versions: int
    with_bytes: int


class Receipt(Shape):
    """Proof of a takedown."""

    publication: str
    state: Literal["retracting", "retracted"]
    committed_at: AwareDatetime
    tombstoned_at: AwareDatetime | None
    probes: list[ProbeShown]
    asked_by: Left[str] = None
    because: Left[list[Shown]] = None


class PupilShown(Shape):
    """A pupil, as far as the caller may see."""

    id: str
    forename: str
    known_as: str
    surname: str
    reg_group: str
    year_group: str
    upn: Left[str] = None
    on_roll: bool


class Pupils(Shape):
    """Pupils, by class and name."""

    items: list[PupilShown]


class ConsentShown(Shape):
    """One answer on the register."""

    id: str
    purpose: str
    answer: str
    relation: str
    authority: str
    photo: str | None
    answered_at: AwareDatetime | None
    first_seen_at: AwareDatetime
    source: str
    expires_on: date | None


class Standing(Shape):
    """What the answers come to for one purpose, now. Headteacher and DSL only."""

    purpose: str
    may_appear: bool
    reasons: list[Shown]


class Consents(Shape):
    """A pupil's answers, the oldest first; with ``standing`` and ``protected`` for headteacher and DSL."""

    pupil: str
    records: list[ConsentShown]
    standing: Left[list[Standing]] = None
    protected: Left[bool] = None


class Created(Shape):
    """The id of what was made."""

    id: str


class Retired(Shape):
    """Whether a refusal is retired yet."""

    retired: bool


class PupilPurposes(Shape):
    """A pupil (by id, a new one by UPN) and the purposes that would change."""

    pupil: str
    purposes: list[str]


class PupilFields(Shape):
    """A pupil and the fields that would change."""

    pupil: str
    fields: list[str]


class ImportPreview(Shape):
    """What applying a register file would do, computed as if nobody were protected."""

    id: str
    digest: str
    added: list[str]
    changed: list[PupilFields]
    leavers: list[str]
    granting: list[PupilPurposes]
    withdrawing: list[PupilPurposes]
    second_person_for: list[str]
    problems: list[str] = Field(default=[])


class DecisionShown(Shape):
    """One decision, for the headteacher's audit."""

    id: str
    photo: str
    destination: str
    outcome: str
    decided_at: AwareDatetime
    findings: list[Shown]
    register_digest: str
    policy_digest: str | None


class Decisions(Shape):
    """A page of decisions, the newest first."""

    items: list[DecisionShown]
    next: str | None


class Replayed(Shape):
    """Whether deciding the recorded case again gives the same bytes."""

    id: str
    identical: bool


class TokenListed(Shape):
    """What is known of a token. ``device``: the enrolled device that it is bound to. Never the token itself."""

    id: str
    role: Role
    classes: list[str]
    device: str | None
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class Tokens(Shape):
    """Every token there ever was, the latest first."""

    items: list[TokenListed]


class TokenShown(Shape):
    """A token: this is the only time it can be seen."""

    token: str


class Health(Shape):
    """Alive."""

    status: Literal["ok"]


class Readiness(Shape):
    """Able to publish, part by part. ``school`` parts are summed over all schools."""

    status: Literal["ready", "not-ready"]
    database: bool
    store: bool
    imaging: bool
    policy: bool
    register_fresh: bool
    sandbox: Literal["jailed", "partly-jailed", "limits-only", "unknown"]
    """How well pictures are shut in while they are opened; less than jailed is a warning, not a fault."""
    waiting: int
