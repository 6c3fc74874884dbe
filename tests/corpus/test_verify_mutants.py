"""No mutant of a clean file passes.

First without the help of the digest, as if an encoder had written the mutant: nothing outside the pixels gets through. Then under
the digest of the clean file, as every file is proven: nothing gets through at all.
"""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.imaging import FULL_SIZE, Encoded, ImagingError, Refusal, Sandbox, verify
from tests.corpus.canaries import ascii_canary
from tests.corpus.codes import all_spent
from tests.corpus.jpegs import segment
from tests.corpus.specimens import SIZE, drawing, plain, saved

CLEAN = saved(drawing(), "JPEG", quality=85, subsampling="4:2:0")
"""What the sandbox makes of the drawing."""
SCAN = CLEAN.index(b"\xff\xda") + 14
END = len(CLEAN) - 2
"""The entropy-coded data lies between these two."""
DIGEST = hashlib.sha256(CLEAN).hexdigest()
OUTSIDE = (*range(SCAN), END, END + 1)
CANARY = ascii_canary("among-pixels")


def unclean(content: bytes, sha256: str | None = None) -> bool:
    """Is this refused, under the clean file's digest or as if an encoder had written just this?"""
    digest = sha256 or hashlib.sha256(content).hexdigest()
    try:
        verify((Encoded(name="full", width=SIZE[0], height=SIZE[1], content=content, sha256=digest),))
    except ImagingError as refused:
        return refused.reason is Refusal.UNCLEAN
    return False


def test_the_file_itself_is_what_the_sandbox_makes_and_clean(sandbox: Sandbox) -> None:
    (rendition,) = sandbox.clean(plain("PNG"), (FULL_SIZE,)).image.renditions
    assert rendition.content == CLEAN
    assert not unclean(CLEAN)
    assert not unclean(CLEAN, DIGEST)
    assert all_spent(CLEAN, *SIZE)


def test_every_other_value_of_every_byte_outside_the_pixels_is_refused() -> None:
    passed = [
        (at, value)
        for at in OUTSIDE
        for value in range(256)
        if value != CLEAN[at] and not unclean(CLEAN[:at] + bytes([value]) + CLEAN[at + 1 :])
    ]
    assert passed == []


def test_every_run_of_bytes_that_is_missing_outside_the_pixels_is_refused() -> None:
    passed = [
        (at, length)
        for at in range(SCAN)
        for length in (1, 2, 3, 4, 18, 64, 69)
        if not unclean(CLEAN[:at] + CLEAN[at + length :])
    ]
    assert passed == []


@pytest.mark.parametrize(
    "more", [b"\x00", b"\xff", b"A", b"\xff\xfe\x00\x03A", b"\xff\x00", CANARY, bytes(64), segment(0xE1, CANARY)]
)
def test_whatever_is_put_in_outside_the_pixels_is_refused(more: bytes) -> None:
    # A zero byte in front of the scan header's own last zero stands among the pixels.
    places = [*range(SCAN - 1), END + 1, END + 2]
    assert [at for at in places if not unclean(CLEAN[:at] + more + CLEAN[at:])] == []


@given(st.integers(0, SCAN - 2), st.binary(max_size=40), st.integers(0, 40))
@settings(max_examples=300)
def test_no_edit_that_touches_what_is_not_pixels_is_accepted(start: int, more: bytes, fewer: int) -> None:
    edited = CLEAN[:start] + more + CLEAN[start + fewer :]
    if edited[:SCAN] != CLEAN[:SCAN]:
        assert unclean(edited)


@given(st.binary(min_size=1, max_size=80))
def test_nothing_may_follow_the_end(more: bytes) -> None:
    assert unclean(CLEAN + more)


@given(st.integers(0, len(CLEAN)), st.binary(max_size=8), st.integers(0, 8))
@settings(max_examples=300)
def test_no_mutant_at_all_passes_for_the_file_that_was_written(start: int, more: bytes, fewer: int) -> None:
    edited = CLEAN[:start] + more + CLEAN[start + fewer :]
    assert unclean(edited, DIGEST) == (edited != CLEAN)


def test_every_flipped_bit_of_what_was_written_is_noticed() -> None:
    flips = ((at, bit) for at in range(len(CLEAN)) for bit in range(8))
    assert [
        flip
        for flip in flips
        if not unclean(CLEAN[: flip[0]] + bytes([CLEAN[flip[0]] ^ 1 << flip[1]]) + CLEAN[flip[0] + 1 :], DIGEST)
    ] == []


@pytest.mark.parametrize("marker", [0x01, *range(0xC0, 0xFF)])
def test_no_marker_may_stand_among_the_pixels(marker: int) -> None:
    bare, whole, worded = bytes([0xFF, marker]), segment(marker, b""), segment(marker, CANARY)
    passed = [
        (at, len(more))
        for at in range(SCAN, END + 1, 7)
        for more in (bare, whole, worded)
        if not unclean(CLEAN[:at] + more + CLEAN[at:])
    ]
    assert passed == []


@pytest.mark.parametrize(
    "hidden",
    [
        b"\xff" * 8,
        CLEAN,
        CLEAN[SCAN:],
        segment(0xFE, CANARY),
        segment(0xE1, b"Exif\x00\x00" + CANARY),
        b"\xff\xd9" + CANARY,
        b"\xff\xd8\xff\xfe",
        CANARY + b"\xff\xd9",
    ],
)
def test_no_comment_no_second_picture_and_no_second_end_may_stand_among_the_pixels(hidden: bytes) -> None:
    assert [at for at in range(SCAN, END + 1) if not unclean(CLEAN[:at] + hidden + CLEAN[at:])] == []


@given(st.integers(SCAN, END), st.binary(max_size=24), st.integers(0, 24))
@settings(max_examples=300)
def test_among_the_pixels_only_what_is_no_marker_is_accepted(start: int, more: bytes, fewer: int) -> None:
    edited = CLEAN[:start] + more + CLEAN[min(END, start + fewer) :]
    pairs = edited[SCAN:-2].replace(b"\xff\x00", b"")
    if b"\xff" in pairs:
        assert unclean(edited)


@pytest.mark.parametrize("hidden", [b"A", bytes(8), CANARY, CLEAN[SCAN:END]])
def test_what_is_put_among_the_pixels_is_refused_wherever_it_stands(hidden: bytes) -> None:
    mutants = {at: CLEAN[:at] + hidden + CLEAN[at:] for at in range(SCAN, END + 1)}
    assert [at for at, mutant in mutants.items() if not unclean(mutant, DIGEST)] == []


@pytest.mark.parametrize("hidden", [CANARY, CLEAN[SCAN:END]])
def test_the_tests_own_reader_of_codes_tells_what_stands_behind_them(hidden: bytes) -> None:
    assert not all_spent(CLEAN[:END] + hidden + CLEAN[END:], *SIZE)
    assert not all_spent(CLEAN[: END - 8] + CLEAN[END:], *SIZE)
