"""Pipes are read and written until a deadline, or until the other end is gone."""

import os
import time
from collections.abc import Iterator

import pytest

from service.imaging.pipes import read_all, write_all


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    source, target = os.pipe()
    os.set_blocking(source, False)
    os.set_blocking(target, False)
    yield source, target
    for end in (source, target):
        try:
            os.close(end)
        except OSError:
            continue


def test_reading_ends_at_the_deadline(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"abc")
    with pytest.raises(TimeoutError):
        read_all(pipe[0], 4, deadline=time.monotonic() + 0.05)


def test_reading_without_a_deadline_ends_with_what_was_asked_for(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"abcdef")
    assert read_all(pipe[0], 4) == b"abcd"


def test_reading_ends_with_the_pipe(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"abc")
    os.close(pipe[1])
    with pytest.raises(EOFError):
        read_all(pipe[0], 4, deadline=time.monotonic() + 60)


def test_writing_ends_at_the_deadline(pipe: tuple[int, int]) -> None:
    with pytest.raises(TimeoutError):
        write_all(pipe[1], bytes(1_000_000), deadline=time.monotonic() + 0.05)


def test_writing_ends_with_the_reader(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        write_all(pipe[1], b"abc", deadline=time.monotonic() + 60)
