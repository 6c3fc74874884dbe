"""Originals rest sealed, come back byte for byte for their own photo, and can be made to be gone."""

import errno
import hashlib
import random
import signal
import subprocess
import sys
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
from storage.objects.incoming import Arrival
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
    assert all(b"GPS 51.5" not in path.read_bytes() for path in files)


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


DIES = """
import os, signal, sys
from pathlib import Path
from storage.objects.folder import FolderStore
from storage.quarantine import Quarantine
from storage.sealing import WrappingKey
root = Path(sys.argv[1])
quarantine = Quarantine(
    objects=FolderStore(root=root / "quarantine"), wrapping_key=WrappingKey(secret=bytes(range(32))), spool=root / "spool"
)
receiving = quarantine.receive(school_id="elm-tree", photo_id="ph_1")
for _ in range(100):
    receiving.write(ORIGINAL)
if sys.argv[2] == "whole":
    quarantine.keep(receiving.finish())
os.kill(os.getpid(), signal.SIGKILL)
""".replace("ORIGINAL", repr(ORIGINAL))


class TestTheSpool:
    def test_while_an_original_comes_in_only_its_owner_may_look_and_sees_nothing_of_it(
        self, quarantine: Quarantine, spool: Path
    ) -> None:
        with closing(quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)) as receiving:
            for _ in range(100):
                receiving.write(ORIGINAL)
            received = receiving.finish()
            [file] = spool.iterdir()
            assert (oct(spool.stat().st_mode & 0o777), oct(file.stat().st_mode & 0o777)) == ("0o700", "0o600")
            assert file.stat().st_size > received.size == 100 * len(ORIGINAL)
            assert b"GPS 51.5" not in file.read_bytes()
        assert list(spool.iterdir()) == []

    @settings(max_examples=15)
    @given(length=st.sampled_from([1, 65_535, 65_536, 65_537, 200_000]), piece=st.sampled_from([999, 65_536, 200_000]))
    def test_an_original_is_read_back_kept_and_described_as_it_came(
        self, tmp_path_factory: pytest.TempPathFactory, length: int, piece: int
    ) -> None:
        folder, original = tmp_path_factory.mktemp("any"), random.Random(length).randbytes(length)
        quarantine = Quarantine(objects=FolderStore(root=folder / "store"), wrapping_key=KEY, spool=folder / "spool")
        with closing(quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)) as receiving:
            for at in range(0, length, piece):
                receiving.write(original[at : at + piece])
            received = receiving.finish()
            assert received.original() == original
            assert (received.size, received.sha256) == (length, hashlib.sha256(original).hexdigest())
            kept = quarantine.keep(received)
        assert quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept) == original

    def test_what_is_closed_half_way_is_gone_and_may_be_closed_again(self, quarantine: Quarantine, spool: Path) -> None:
        receiving = quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)
        receiving.write(ORIGINAL)
        receiving.close()
        receiving.close()
        assert list(spool.iterdir()) == []
        assert list(quarantine.list()) == []

    def test_what_was_altered_in_the_spool_is_not_read_back(self, quarantine: Quarantine, spool: Path) -> None:
        with closing(quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)) as receiving:
            receiving.write(ORIGINAL)
            received = receiving.finish()
            [file] = spool.iterdir()
            file.write_bytes(file.read_bytes()[:-1])
            with pytest.raises(SealBroken):
                received.original()

    def test_nothing_that_is_logged_of_what_came_in_holds_its_key(self, quarantine: Quarantine) -> None:
        with closing(quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)) as receiving:
            assert "key" not in repr(receiving.finish())

    @pytest.mark.parametrize("how_far", ["half", "whole"])
    def test_after_a_kill_no_byte_lies_open_and_the_next_start_clears_the_spool(
        self, tmp_path: Path, spool: Path, how_far: str
    ) -> None:
        ended = subprocess.run(
            [sys.executable, "-c", DIES, str(tmp_path), how_far], cwd=Path(__file__).parents[2], check=False, timeout=60
        )
        assert ended.returncode == -signal.SIGKILL
        left = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert left
        assert all(b"GPS 51.5" not in path.read_bytes() for path in left)
        assert len(list(spool.iterdir())) == 1
        again = Quarantine(objects=FolderStore(root=tmp_path / "quarantine"), wrapping_key=KEY, spool=spool)
        assert list(spool.iterdir()) == []
        assert len(list(again.list())) == (how_far == "whole"), "what was kept is the sweep's to find"

    def test_a_process_that_starts_leaves_alone_what_another_is_taking_in(
        self, quarantine: Quarantine, objects: ObjectStore, spool: Path
    ) -> None:
        with closing(quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)) as receiving:
            receiving.write(ORIGINAL)
            Quarantine(objects=objects, wrapping_key=KEY, spool=spool)
            kept = quarantine.keep(receiving.finish())
        assert quarantine.original(school_id=SCHOOL, photo_id=PHOTO, kept=kept) == ORIGINAL

    def test_a_full_disk_is_a_store_that_is_out_of_reach(
        self, quarantine: Quarantine, spool: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: object, piece: bytes) -> None:
            raise OSError(errno.ENOSPC, "no space")

        monkeypatch.setattr(Arrival, "write", full)
        with closing(quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)) as receiving, pytest.raises(StoreUnavailable):
            receiving.write(ORIGINAL)
        assert list(spool.iterdir()) == []

    def test_a_place_that_takes_no_spool_is_told_at_the_start_or_at_the_upload(
        self, objects: ObjectStore, quarantine: Quarantine, spool: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreUnavailable):
            Quarantine(objects=objects, wrapping_key=KEY, spool=tmp_path / "file" / "spool")
        spool.rmdir()
        with pytest.raises(StoreUnavailable):
            quarantine.receive(school_id=SCHOOL, photo_id=PHOTO)
