"""What is kept is whole, durable and under a name of its own; what could not be kept has left no trace."""

import errno
import os
import re
import resource
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.offline.outbox import CannotWrite, Outbox

FAMILY = {".jpg": b"full", "-320.jpg": b"small"}


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    """As on a disk that is nearly full: no file may grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_family_has_one_stem_and_its_files_are_whole(tmp_path: Path) -> None:
    paths = Outbox(str(tmp_path / "new" / "folder")).keep(FAMILY)
    assert {ending: Path(path).read_bytes() for ending, path in paths.items()} == FAMILY
    full, small = paths.values()
    assert re.fullmatch(r"[0-9a-f]{16}\.jpg", Path(full).name)
    assert small == full.removesuffix(".jpg") + "-320.jpg"


def test_a_path_opens_from_where_the_folder_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Outbox("out").keep(FAMILY)[".jpg"].startswith("out/")
    assert Outbox("./out").keep(FAMILY)[".jpg"].startswith("./out/")
    assert len(kept(tmp_path / "out")) == 4


def test_the_same_content_is_kept_twice_under_two_names(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path))
    assert outbox.keep(FAMILY) != outbox.keep(FAMILY)
    assert sorted(kept(tmp_path).values()) == sorted([*FAMILY.values()] * 2)


@pytest.mark.parametrize("taken", ["one.jpg", "one-320.jpg"])
def test_a_name_that_is_taken_is_left_alone_and_another_is_drawn(
    taken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / taken).write_bytes(b"older")
    lots = iter(("one", "two"))
    monkeypatch.setattr(secrets, "token_hex", lambda length: next(lots))
    Outbox(str(tmp_path)).keep(FAMILY)
    assert kept(tmp_path) == {taken: b"older", "two.jpg": b"full", "two-320.jpg": b"small"}


@pytest.mark.parametrize("linked", [True, False])
def test_writers_who_draw_the_same_lot_at_once_do_not_overwrite_each_other(
    linked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, writers = threading.Barrier(8), 8
    drawn = threading.local()

    def lot(length: int) -> str:
        drawn.count = getattr(drawn, "count", 0) + 1
        return "ab" if drawn.count == 1 else os.urandom(length).hex()

    def write(number: int) -> dict[str, str]:
        drawn.count = 0
        together.wait()
        return Outbox(str(tmp_path)).keep({".jpg": bytes([number])})

    monkeypatch.setattr(secrets, "token_hex", lot)
    if not linked:
        monkeypatch.setattr(os, "link", without_links)
    with ThreadPoolExecutor(writers) as pool:
        paths = [answer[".jpg"] for answer in pool.map(write, range(writers))]
    assert [Path(path).read_bytes() for path in paths] == [bytes([number]) for number in range(writers)]
    assert len(kept(tmp_path)) == writers


def without_links(source: str, target: str) -> None:
    """As a memory stick's file system answers."""
    raise OSError(errno.EPERM, "no links here")


def test_a_file_system_without_links_keeps_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", without_links)
    paths = Outbox(str(tmp_path)).keep(FAMILY)
    assert {ending: Path(path).read_bytes() for ending, path in paths.items()} == FAMILY
    assert len(kept(tmp_path)) == 2


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path))
    with longest_file(1000), pytest.raises(CannotWrite, match="no room left"):
        outbox.keep({".jpg": bytes(900), "-320.jpg": bytes(1100)})
    assert kept(tmp_path) == {}


@pytest.mark.parametrize("folder", ["file", "file/below", "nul\0byte", "x" * 300])
def test_a_folder_that_cannot_be_made_is_a_sentence(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="can't be written to"):
        Outbox(folder)


def test_a_folder_that_goes_away_is_a_sentence(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path / "out"))
    (tmp_path / "out").rmdir()
    with pytest.raises(CannotWrite, match="can't be written to"):
        outbox.keep(FAMILY)


def test_what_is_discarded_is_gone_and_what_is_not_there_does_not_matter(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path))
    paths = outbox.keep(FAMILY)
    outbox.discard([*paths.values(), str(tmp_path / "nothing")])
    assert kept(tmp_path) == {}
