"""Clean renditions wait sealed, come back as they were for their own image, and running a step twice changes nothing."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from consent.people import SchoolId
from consent.photo import PhotoId, Rendition
from storage.objects.errors import ContentRefused, KeyRefused, ObjectDisposed, ObjectMissing, SealBroken
from storage.objects.folder import FolderStore
from storage.objects.protocol import ObjectStore
from storage.prepared import Prepared
from storage.sealing import WrappingKey, seal, seal_again

KEY = WrappingKey(secret=bytes(range(32)))
SCHOOL, OTHER_SCHOOL = SchoolId("elm-tree"), SchoolId("oak-hill")
PHOTO, OTHER_PHOTO = PhotoId("ph_1"), PhotoId("ph_2")
DIGEST = hashlib.sha256(b"an image").hexdigest()
OTHER_DIGEST = hashlib.sha256(b"another image").hexdigest()
WRAPPED = seal(b"the original", aad=b"elm-tree/ph_1", school_key=KEY.of_school(SCHOOL)).wrapped_key
OTHER_WRAPPED = seal(b"the original", aad=b"elm-tree/ph_2", school_key=KEY.of_school(SCHOOL)).wrapped_key


def rendition(name: str, content: bytes) -> Rendition:
    sha256 = hashlib.sha256(content).hexdigest()
    return Rendition(name=name, width=1600, height=1200, media_type="image/jpeg", sha256=sha256, content=content)


RENDITIONS = (
    rendition("web", b"\xff\xd8 a clean picture" * 90),
    rendition("thumb", b"\xff\xd8 small \x00\n"),
    rendition("é", b"1"),
)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return FolderStore(root=tmp_path / "prepared")


@pytest.fixture
def prepared(objects: ObjectStore) -> Prepared:
    return Prepared(objects=objects, wrapping_key=KEY)


def keep(prepared: Prepared, renditions: tuple[Rendition, ...] = RENDITIONS, *, wrapped_key: bytes = WRAPPED) -> None:
    prepared.keep(school_id=SCHOOL, photo_id=PHOTO, image_digest=DIGEST, renditions=renditions, wrapped_key=wrapped_key)


def keep_as(prepared: Prepared, photo: PhotoId, digest: str, wrapped_key: bytes) -> None:
    prepared.keep(school_id=SCHOOL, photo_id=photo, image_digest=digest, renditions=RENDITIONS, wrapped_key=wrapped_key)


def read(prepared: Prepared) -> tuple[Rendition, ...]:
    return prepared.renditions(school_id=SCHOOL, photo_id=PHOTO, image_digest=DIGEST, wrapped_key=WRAPPED)


def test_renditions_come_back_whole_and_in_order(prepared: Prepared) -> None:
    keep(prepared)
    assert read(prepared) == RENDITIONS


def test_keeping_twice_changes_nothing(prepared: Prepared, objects: ObjectStore) -> None:
    keep(prepared)
    before = [objects.get(entry.key) for entry in objects.list("")]
    keep(prepared)
    assert [objects.get(entry.key) for entry in objects.list("")] == before
    assert read(prepared) == RENDITIONS


@pytest.mark.parametrize(
    "others",
    [
        RENDITIONS[:1],
        RENDITIONS[::-1],
        (replace(RENDITIONS[0], width=1), *RENDITIONS[1:]),
        (rendition("web", b"another picture"),),
    ],
    ids=["fewer", "other-order", "other-size", "other-picture"],
)
def test_other_renditions_under_the_same_digest_are_never_taken_for_these(
    prepared: Prepared, others: tuple[Rendition, ...]
) -> None:
    keep(prepared)
    with pytest.raises(SealBroken):
        keep(prepared, others)
    assert read(prepared) == RENDITIONS


def test_foreign_bytes_in_their_place_are_never_taken_for_renditions(prepared: Prepared, objects: ObjectStore) -> None:
    objects.put_if_absent(f"{SCHOOL}/{PHOTO}/{DIGEST}", b"somebody else's bytes" * 10)
    with pytest.raises(SealBroken):
        keep(prepared)
    with pytest.raises(SealBroken):
        read(prepared)


def test_a_rendition_that_is_not_what_its_digest_says_is_not_given_back(prepared: Prepared, objects: ObjectStore) -> None:
    header = b'[{"name": "web", "width": 1, "height": 1, "media_type": "image/jpeg", "sha256": "00", "size": 3}]'
    packed = len(header).to_bytes(4, "big") + header + b"abc"
    sealed = seal_again(
        packed, wrapped_key=WRAPPED, aad=b"elm-tree/ph_1", label=DIGEST.encode(), school_key=KEY.of_school(SCHOOL)
    )
    objects.put_if_absent(f"{SCHOOL}/{PHOTO}/{DIGEST}", sealed)
    with pytest.raises(SealBroken):
        read(prepared)


@pytest.mark.parametrize(
    "renditions",
    [
        (),
        (*RENDITIONS, replace(RENDITIONS[0], content=b"not what was hashed")),
        (replace(RENDITIONS[0], content=b"", sha256=hashlib.sha256(b"").hexdigest()),),
    ],
    ids=["none", "altered", "empty"],
)
def test_renditions_that_are_not_whole_are_refused_and_nothing_is_kept(
    prepared: Prepared, objects: ObjectStore, renditions: tuple[Rendition, ...]
) -> None:
    with pytest.raises(ContentRefused):
        keep(prepared, renditions)
    assert list(objects.list("")) == []


def test_no_byte_of_a_picture_lies_open_on_the_disk(prepared: Prepared, tmp_path: Path) -> None:
    keep(prepared)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all(b"clean picture" not in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    ("place", "wrapped_key"),
    [
        ((OTHER_SCHOOL, PHOTO, DIGEST), WRAPPED),
        ((SCHOOL, OTHER_PHOTO, DIGEST), WRAPPED),
        ((SCHOOL, OTHER_PHOTO, DIGEST), OTHER_WRAPPED),
        ((SCHOOL, PHOTO, OTHER_DIGEST), WRAPPED),
        ((SCHOOL, PHOTO, DIGEST), OTHER_WRAPPED),
    ],
    ids=["school", "photo", "photo-and-key", "image", "key"],
)
def test_a_file_copied_to_another_place_does_not_open_there(
    prepared: Prepared, objects: ObjectStore, place: tuple[SchoolId, PhotoId, str], wrapped_key: bytes
) -> None:
    keep(prepared)
    school, photo, digest = place
    objects.put_if_absent("/".join(place), objects.get(f"{SCHOOL}/{PHOTO}/{DIGEST}") or b"")
    with pytest.raises(SealBroken):
        prepared.renditions(school_id=school, photo_id=photo, image_digest=digest, wrapped_key=wrapped_key)


def test_another_photos_key_keeps_nothing(prepared: Prepared, objects: ObjectStore) -> None:
    with pytest.raises(SealBroken):
        keep(prepared, wrapped_key=OTHER_WRAPPED)
    assert list(objects.list("")) == []


def test_images_of_one_photo_rest_beside_each_other(prepared: Prepared) -> None:
    keep(prepared)
    covered = (rendition("web", b"the same picture, one face covered"),)
    prepared.keep(school_id=SCHOOL, photo_id=PHOTO, image_digest=OTHER_DIGEST, renditions=covered, wrapped_key=WRAPPED)
    prepared.dispose(school_id=SCHOOL, photo_id=PHOTO, image_digest=DIGEST)
    left = prepared.renditions(school_id=SCHOOL, photo_id=PHOTO, image_digest=OTHER_DIGEST, wrapped_key=WRAPPED)
    assert left == covered


def test_what_is_disposed_of_is_neither_read_nor_kept_again(prepared: Prepared) -> None:
    keep(prepared)
    for _ in range(2):
        prepared.dispose(school_id=SCHOOL, photo_id=PHOTO, image_digest=DIGEST)
    with pytest.raises(ObjectDisposed):
        read(prepared)
    with pytest.raises(ObjectDisposed):
        keep(prepared)


def test_every_image_of_a_photo_can_be_disposed_of_at_once_and_of_no_other_photo(
    prepared: Prepared, objects: ObjectStore
) -> None:
    keep(prepared)
    keep_as(prepared, PHOTO, OTHER_DIGEST, WRAPPED)
    neighbour = PhotoId(f"{PHOTO}1")
    sealed = seal(b"x", aad=f"{SCHOOL}/{neighbour}".encode(), school_key=KEY.of_school(SCHOOL))
    keep_as(prepared, neighbour, DIGEST, sealed.wrapped_key)
    for _ in range(2):
        prepared.dispose_all(school_id=SCHOOL, photo_id=PHOTO)
    assert {entry.key for entry in objects.list("") if entry.size} == {f"{SCHOOL}/{neighbour}/{DIGEST}"}
    with pytest.raises(ObjectDisposed):
        keep(prepared)


def test_an_image_that_was_never_kept_is_missing(prepared: Prepared) -> None:
    with pytest.raises(ObjectMissing):
        read(prepared)


def test_a_digest_that_is_no_part_of_a_key_is_refused(prepared: Prepared) -> None:
    with pytest.raises(KeyRefused):
        prepared.dispose(school_id=SCHOOL, photo_id=PHOTO, image_digest="../elsewhere")
