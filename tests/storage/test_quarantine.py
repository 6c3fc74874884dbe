"""Originals rest sealed, come back byte for byte for their own photo, and can be made to be gone."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.people import SchoolId
from consent.photo import PhotoId
from storage.objects.errors import ContentRefused, KeyRefused, ObjectDisposed, ObjectMissing, SealBroken, StoreUnavailable
from storage.objects.folder import FolderStore
from storage.objects.protocol import ObjectStore, Put
from storage.quarantine import Kept, Quarantine
from storage.sealing import WrappingKey

KEY = WrappingKey(secret=bytes(range(32)))
SCHOOL, OTHER_SCHOOL = SchoolId("elm-tree"), SchoolId("oak-hill")
PHOTO, OTHER_PHOTO = PhotoId("ph_1"), PhotoId("ph_2")
ORIGINAL = b"\xff\xd8 GPS 51.5 N, 0.1 W; a picture of class 3 " * 50


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return FolderStore(root=tmp_path / "quarantine")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def quarantine(objects: ObjectStore, spool: Path) -> Quarantine:
    return Quarantine(objects=objects, wrapping_key=KEY, spool=spool)


def keep(
    quarantine: Quarantine, original: bytes = ORIGINAL, *, school: SchoolId = SCHOOL, photo: PhotoId = PHOTO, piece: int = 1000
) -> Kept:
    """Take an original in, piece by piece, and keep it."""
    with closing(quarantine.receive(school_id=school, photo_id=photo)) as receiving:
        for at in range(0, len(original), piece):
            receiving.write(original[at : at + piece])
        return quarantine.keep(receiving.finish())


@pytest.fixture
def kept(quarantine: Quarantine) -> Kept:
    return keep(quarantine)


def test_an_original_comes_back_byte_for_byte(quarantine: Quarantine, kept: Kept) -> None:
    assert quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept) == ORIGINAL


@settings(max_examples=20)
@given(original=st.binary(min_size=1, max_size=3000))
def test_any_original_comes_back(tmp_path_factory: pytest.TempPathFactory, original: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    quarantine = Quarantine(objects=FolderStore(root=folder / "store"), wrapping_key=KEY, spool=folder / "spool")
    kept = keep(quarantine, original)
    assert quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept) == original


def test_what_was_kept_is_described_as_the_original_itself(kept: Kept) -> None:
    assert (kept.sha256, kept.size) == (hashlib.sha256(ORIGINAL).hexdigest(), len(ORIGINAL))


def test_the_key_is_random_below_school_and_photo(quarantine: Quarantine, kept: Kept) -> None:
    again = keep(quarantine)
    school, photo, random = kept.key.split("/")
    assert (school, photo) == (SCHOOL, PHOTO)
    assert len(random) == 32
    assert again.key != kept.key


def test_no_byte_of_the_original_lies_open_on_the_disk(kept: Kept, tmp_path: Path) -> None:
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all(b"GPS" not in path.read_bytes() for path in files)


def test_what_is_logged_of_a_kept_original_leaves_out_its_key(kept: Kept) -> None:
    assert "wrapped_key" not in repr(kept)


@pytest.mark.parametrize(
    ("school", "photo"),
    [(OTHER_SCHOOL, PHOTO), (SCHOOL, OTHER_PHOTO), (OTHER_SCHOOL, OTHER_PHOTO)],
    ids=["school", "photo", "both"],
)
def test_it_does_not_open_as_another_schools_or_photos(
    quarantine: Quarantine, kept: Kept, school: SchoolId, photo: PhotoId
) -> None:
    with pytest.raises(SealBroken):
        quarantine.original(school_id=school, photo_id=photo, kept=kept)


def test_bytes_laid_over_from_another_photo_do_not_open(quarantine: Quarantine, kept: Kept) -> None:
    other = keep(quarantine, photo=OTHER_PHOTO)
    with pytest.raises(SealBroken):
        quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=replace(kept, key=other.key))


def test_an_earlier_upload_of_the_same_photo_does_not_pass_for_this_one(quarantine: Quarantine, kept: Kept) -> None:
    later = keep(quarantine, b"another picture")
    with pytest.raises(SealBroken):
        quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=replace(later, sha256=kept.sha256))


def test_bytes_altered_on_the_disk_do_not_open(quarantine: Quarantine, kept: Kept, tmp_path: Path) -> None:
    [file] = (path for path in tmp_path.rglob("*") if path.is_file())
    altered = bytearray(file.read_bytes())
    altered[len(altered) // 2] ^= 1
    file.write_bytes(altered)
    with pytest.raises(SealBroken):
        quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept)


def test_another_installations_key_opens_nothing(objects: ObjectStore, spool: Path, kept: Kept) -> None:
    stranger = Quarantine(objects=objects, wrapping_key=WrappingKey(secret=bytes(32)), spool=spool)
    with pytest.raises(SealBroken):
        stranger.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept)


def test_what_is_disposed_of_is_gone_for_good(quarantine: Quarantine, kept: Kept, objects: ObjectStore) -> None:
    quarantine.dispose(kept.key)
    quarantine.dispose(kept.key)
    with pytest.raises(ObjectDisposed):
        quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept)
    assert objects.put_if_absent(kept.key, b"late") is Put.FENCED


def test_an_original_that_is_not_there_is_missing_not_disposed_of(quarantine: Quarantine, kept: Kept) -> None:
    with pytest.raises(ObjectMissing):
        quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=replace(kept, key="elm-tree/ph_1/0"))


def test_the_list_shows_what_still_has_content(quarantine: Quarantine, kept: Kept) -> None:
    other = keep(quarantine, school=OTHER_SCHOOL, photo=OTHER_PHOTO)
    quarantine.dispose(kept.key)
    assert [entry.key for entry in quarantine.list()] == [other.key]


def test_an_empty_original_is_refused_and_nothing_is_kept(quarantine: Quarantine) -> None:
    with pytest.raises(ContentRefused):
        keep(quarantine, b"")
    assert list(quarantine.list()) == []


@pytest.mark.parametrize("bad", ["", "a/b", "..", "Ruby Smith"])
def test_an_id_that_is_no_part_of_a_key_is_refused_and_nothing_is_kept(quarantine: Quarantine, bad: str) -> None:
    keeps: tuple[Callable[[], Kept], ...] = (
        lambda: keep(quarantine, school=SchoolId(bad)),
        lambda: keep(quarantine, photo=PhotoId(bad)),
    )
    for each in keeps:
        with pytest.raises(KeyRefused):
            each()
    assert list(quarantine.list()) == []


@pytest.mark.parametrize("answer", [Put.TAKEN, Put.FENCED])
def test_an_original_that_was_not_written_is_not_said_to_be_kept(tmp_path: Path, answer: Put) -> None:
    class Refusing(FolderStore):
        def put_file_if_absent(self, key: str, file: Path) -> Put:
            return answer

    quarantine = Quarantine(objects=Refusing(root=tmp_path / "store"), wrapping_key=KEY, spool=tmp_path / "spool")
    with pytest.raises(StoreUnavailable):
        keep(quarantine)
