"""What is sealed opens for the right key and the right photo, and for nothing else."""

import base64
import hmac
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.people import SchoolId
from storage.objects.errors import SealBroken, StoreError, WrappingKeyRefused
from storage.sealing import PhotoKey, Sealed, WrappingKey, open_sealed, seal, seal_again

INSTALLATION = WrappingKey(secret=bytes(range(32)))
KEY = INSTALLATION.of_school(SchoolId("elm-tree"))
OTHER_KEY = WrappingKey(secret=bytes(32)).of_school(SchoolId("elm-tree"))
PICTURE = b"a picture from the school trip"
REPOSITORY = Path(__file__).parents[2]


@given(plaintext=st.binary(max_size=5000), aad=st.binary(max_size=40), label=st.binary(max_size=40))
def test_what_is_sealed_opens_again(plaintext: bytes, aad: bytes, label: bytes) -> None:
    sealed = seal(plaintext, aad=aad, school_key=KEY, label=label)
    assert open_sealed(sealed, aad=aad, school_key=KEY, label=label) == plaintext


def test_another_wrapping_key_opens_nothing() -> None:
    sealed = seal(PICTURE, aad=b"s/p", school_key=KEY)
    with pytest.raises(SealBroken):
        open_sealed(sealed, aad=b"s/p", school_key=OTHER_KEY)


@given(
    one=st.tuples(st.binary(max_size=4), st.binary(max_size=4)),
    other=st.tuples(st.binary(max_size=4), st.binary(max_size=4)),
)
def test_it_opens_only_as_what_it_was_sealed_as(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> None:
    sealed = seal(PICTURE, aad=one[0], label=one[1], school_key=KEY)
    if one == other:
        return
    with pytest.raises(SealBroken):
        open_sealed(sealed, aad=other[0], label=other[1], school_key=KEY)


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7), part=st.sampled_from(["content", "wrapped_key"]))
def test_a_single_altered_bit_breaks_the_seal(at: int, bit: int, part: str) -> None:
    sealed = seal(PICTURE, aad=b"s/p", school_key=KEY)
    altered = bytearray(getattr(sealed, part))
    altered[at % len(altered)] ^= 1 << bit
    parts = {"content": sealed.content, "wrapped_key": sealed.wrapped_key} | {part: bytes(altered)}
    with pytest.raises(SealBroken):
        open_sealed(Sealed(**parts), aad=b"s/p", school_key=KEY)


@given(length=st.integers(0, 53), part=st.sampled_from(["content", "wrapped_key"]))
def test_a_shortened_file_breaks_the_seal(length: int, part: str) -> None:
    sealed = seal(PICTURE, aad=b"s/p", school_key=KEY)
    parts = {"content": sealed.content, "wrapped_key": sealed.wrapped_key}
    parts[part] = parts[part][:length]
    with pytest.raises(SealBroken):
        open_sealed(Sealed(**parts), aad=b"s/p", school_key=KEY)


def test_one_photos_key_does_not_open_another_photo_of_the_same_name() -> None:
    one, two = (seal(PICTURE, aad=b"s/p", school_key=KEY) for _ in range(2))
    with pytest.raises(SealBroken):
        open_sealed(Sealed(content=one.content, wrapped_key=two.wrapped_key), aad=b"s/p", school_key=KEY)


def test_sealing_twice_shares_neither_key_nor_bytes() -> None:
    one, two = (seal(PICTURE, aad=b"s/p", school_key=KEY) for _ in range(2))
    assert one.content != two.content
    assert one.wrapped_key != two.wrapped_key


def test_nothing_of_the_picture_or_the_key_shows() -> None:
    sealed = seal(PICTURE, aad=b"s/p", school_key=KEY)
    assert PICTURE not in sealed.content
    assert PICTURE[:8] not in sealed.content
    assert repr(sealed) == "Sealed()"
    assert repr(KEY) == "SchoolKey()"
    assert repr(INSTALLATION) == "WrappingKey()"


def test_more_of_the_same_photo_is_sealed_under_the_same_key() -> None:
    first = seal(PICTURE, aad=b"s/p", school_key=KEY)
    more = seal_again(b"a smaller one", wrapped_key=first.wrapped_key, aad=b"s/p", label=b"web", school_key=KEY)
    sealed = Sealed(content=more, wrapped_key=first.wrapped_key)
    assert open_sealed(sealed, aad=b"s/p", label=b"web", school_key=KEY) == b"a smaller one"
    with pytest.raises(SealBroken):
        open_sealed(sealed, aad=b"s/p", school_key=KEY)


def test_another_photos_key_seals_nothing_more() -> None:
    first = seal(PICTURE, aad=b"s/p", school_key=KEY)
    with pytest.raises(SealBroken):
        seal_again(PICTURE, wrapped_key=first.wrapped_key, aad=b"s/another", school_key=KEY)


def test_without_its_wrapped_key_a_photo_is_shredded() -> None:
    sealed = seal(PICTURE, aad=b"s/p", school_key=KEY)
    with pytest.raises(SealBroken):
        open_sealed(Sealed(content=sealed.content, wrapped_key=b""), aad=b"s/p", school_key=KEY)


def test_the_key_of_one_school_opens_nothing_of_another_even_under_the_same_name() -> None:
    sealed = seal(PICTURE, aad=b"s/p", school_key=KEY)
    with pytest.raises(SealBroken):
        open_sealed(sealed, aad=b"s/p", school_key=INSTALLATION.of_school(SchoolId("oak-hill")))


@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_two_schools_have_the_same_key_only_if_they_are_the_same(one: str, other: str) -> None:
    keys = [INSTALLATION.of_school(SchoolId(school)).secret for school in (one, other)]
    assert (keys[0] == keys[1]) is (one == other)
    assert [len(key) for key in keys] == [32, 32]
    assert INSTALLATION.secret not in keys


def test_the_key_of_a_school_is_hkdf_sha256_of_the_wrapping_key_as_rfc_5869_has_it() -> None:
    def mac(key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, "sha256")

    parts = (b"school", b"elm-tree")
    told = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    assert mac(mac(bytes(32), INSTALLATION.secret), told + b"\x01") == KEY.secret


def test_the_wrapped_key_of_a_photo_is_its_own_whatever_the_wrapping() -> None:
    wrapped = {PhotoKey.fresh(aad=b"s/p", school_key=KEY) for _ in range(20)}
    assert len({one.secret for one in wrapped}) == len({one.wrapped for one in wrapped}) == 20
    assert all(PhotoKey.unwrap(one.wrapped, aad=b"s/p", school_key=KEY) == one for one in wrapped)
    assert all(one.secret not in one.wrapped for one in wrapped)


class TestTheKeyFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "keys" / "wrapping.key"

    def test_it_is_made_once_and_read_after_that(self, path: Path) -> None:
        first = WrappingKey.load_or_create(path)
        assert WrappingKey.load_or_create(path) == first == WrappingKey.load(path)

    def test_it_is_one_line_of_base64_that_only_its_owner_reads(self, path: Path) -> None:
        key = WrappingKey.load_or_create(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_bytes() == base64.b64encode(key.secret) + b"\n"
        assert len(key.secret) == 32
        assert list(path.parent.iterdir()) == [path]

    def test_two_installations_get_different_keys(self, tmp_path: Path) -> None:
        assert WrappingKey.load_or_create(tmp_path / "one") != WrappingKey.load_or_create(tmp_path / "two")

    def test_processes_that_start_at_once_get_the_same_key(self, path: Path) -> None:
        script = (
            "import sys; from pathlib import Path; from storage.sealing import WrappingKey; sys.stdin.readline();"
            "print(WrappingKey.load_or_create(Path(sys.argv[1])).secret.hex())"
        )
        starting = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(path)],
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        said = {process.communicate("go\n", timeout=60)[0] for process in starting}
        assert [process.returncode for process in starting] == [0] * 4
        assert said == {WrappingKey.load(path).secret.hex() + "\n"}

    def test_a_key_that_appears_meanwhile_is_not_overwritten(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        link = os.link
        others: list[WrappingKey] = []

        def late_link(source: Path, target: Path) -> None:
            monkeypatch.setattr(os, "link", link)
            others.append(WrappingKey.load_or_create(path))
            link(source, target)

        monkeypatch.setattr(os, "link", late_link)
        assert [WrappingKey.load_or_create(path)] == others

    def test_a_lost_key_is_not_replaced_unasked(self, path: Path) -> None:
        with pytest.raises(WrappingKeyRefused):
            WrappingKey.load(path)
        assert not path.exists()

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
    def test_a_key_that_others_can_reach_is_refused(self, path: Path, mode: int) -> None:
        WrappingKey.load_or_create(path)
        path.chmod(mode)
        with pytest.raises(WrappingKeyRefused, match="0600"):
            WrappingKey.load_or_create(path)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n",
            b"not base64!",
            base64.b64encode(bytes(31)),
            base64.b64encode(bytes(33)),
            base64.b64encode(bytes(32)) + b"\n" + base64.b64encode(bytes(32)),
            base64.b64encode(bytes(3000)),
            bytes(range(128, 160)),
        ],
        ids=["empty", "blank", "words", "short", "long", "two", "huge", "raw"],
    )
    def test_a_file_that_holds_no_key_is_refused_and_kept_as_it_is(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.touch(mode=0o600)
        path.write_bytes(content)
        with pytest.raises(WrappingKeyRefused):
            WrappingKey.load_or_create(path)
        assert path.read_bytes() == content

    def test_a_place_that_takes_no_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(WrappingKeyRefused):
            WrappingKey.load_or_create(tmp_path / "file" / "wrapping.key")

    def test_a_disk_that_takes_no_link_is_refused_and_nothing_is_left(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_link(source: Path, target: Path) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "link", no_link)
        with pytest.raises(WrappingKeyRefused):
            WrappingKey.load_or_create(path)
        assert list(path.parent.iterdir()) == []

    def test_a_folder_in_its_place_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(WrappingKeyRefused):
            WrappingKey.load(tmp_path)

    def test_a_refusal_says_nothing_of_the_key(self, path: Path) -> None:
        key = WrappingKey.load_or_create(path)
        path.chmod(0o644)
        with pytest.raises(StoreError) as refused:
            WrappingKey.load(path)
        assert base64.b64encode(key.secret).decode() not in repr(refused.value)
