"""Whatever a name on the command line leads to: it is read, or there is a reason, at once and in bounded memory."""

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from service.imaging import Refusal
from service.imaging.sniff import MAX_BYTES
from service.offline.reading import CannotRead, Unread, read_picture


def sparse(path: Path, size: int) -> None:
    """A file that is so long and takes no room."""
    with path.open("wb") as file:
        file.truncate(size)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # the whole path may be longer than a socket's name


REFUSED: tuple[tuple[str, Callable[[Path], object], Unread | Refusal], ...] = (
    ("nothing", lambda path: path, Unread.NOT_FOUND),
    ("a link to nothing", lambda path: path.symlink_to("nowhere"), Unread.NOT_FOUND),
    ("a folder", lambda path: path.mkdir(), Unread.NOT_A_FILE),
    ("a pipe without a writer", os.mkfifo, Unread.NOT_A_FILE),
    ("a socket", listening, Unread.NOT_A_FILE),
    ("a device that never ends", lambda path: path.symlink_to("/dev/zero"), Unread.NOT_A_FILE),
    ("a link to itself", lambda path: path.symlink_to(path.name), Unread.UNREADABLE),
    ("a byte too much", lambda path: sparse(path, MAX_BYTES + 1), Refusal.TOO_LARGE),
    ("more than any memory", lambda path: sparse(path, 200_000_000_000), Refusal.TOO_LARGE),
)


@pytest.mark.parametrize(("what", "make", "expected"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_no_picture_file_is_a_reason(
    what: str, make: Callable[[Path], object], expected: Unread | Refusal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "IMG_0001.JPG"
    make(path)
    with pytest.raises(CannotRead) as refused:
        read_picture(str(path))
    assert refused.value.reason is expected
    assert str(refused.value) == expected.value


@pytest.mark.parametrize("name", ["", "x" * 300, "file/below", "nul\0byte"])
def test_an_impossible_name_is_a_reason(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(CannotRead):
        read_picture(name)


def test_a_file_is_read_whole_through_a_link_too(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").symlink_to("a")
    assert read_picture(str(tmp_path / "b")) == content


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    sparse(tmp_path / "a", MAX_BYTES)
    assert len(read_picture(str(tmp_path / "a"))) == MAX_BYTES


def test_a_file_that_tells_no_size_is_read_to_its_end() -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    assert b"Name:" in read_picture("/proc/self/status")


def test_a_pipe_that_takes_a_files_place_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.touch()
    found = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda self: found)
    reasons: list[Unread | Refusal] = []

    def read() -> None:
        with pytest.raises(CannotRead) as refused:
            read_picture(str(path))
        reasons.append(refused.value.reason)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(10)
    assert reasons == [Unread.NOT_A_FILE]


def test_no_reason_has_two_meanings() -> None:
    assert not {str(one) for one in Unread} & {str(one) for one in Refusal}
