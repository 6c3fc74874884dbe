"""The proof refuses whatever is not foreseen."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.photo import CleanImage
from service.imaging import FULL_SIZE, Encoded, ImagingError, Refusal, verify
from service.imaging.renditions import QUALITY
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import dirty_jpeg, drawing, exif, saved, segment

SIZE = (48, 32)
CLEAN = unjailed(saved(drawing(*SIZE), "PNG"), (FULL_SIZE,))[1][0].content
SCAN = CLEAN.index(b"\xff\xda") + 14
"""Where the entropy-coded data starts; it ends two bytes before the end."""


def written(content: bytes, *, size: tuple[int, int] = SIZE, name: str = "full") -> Encoded:
    """What an encoder that wrote these bytes, and no others, would give."""
    digest = hashlib.sha256(content).hexdigest()
    return Encoded(name=name, width=size[0], height=size[1], content=content, sha256=digest)


def proven(content: bytes, *, size: tuple[int, int] = SIZE, name: str = "full") -> CleanImage:
    return verify((written(content, size=size, name=name),))


def unclean(content: bytes, *, size: tuple[int, int] = SIZE) -> bool:
    try:
        proven(content, size=size)
    except ImagingError as refused:
        return refused.reason is Refusal.UNCLEAN
    return False


def test_a_clean_file_is_proven_clean() -> None:
    (rendition,) = proven(CLEAN).renditions
    assert (rendition.name, rendition.width, rendition.height) == ("full", *SIZE)
    assert (rendition.media_type, rendition.content) == ("image/jpeg", CLEAN)
    assert rendition.sha256 == hashlib.sha256(CLEAN).hexdigest()


def test_the_digest_names_the_renditions_and_their_order() -> None:
    one, other = written(CLEAN, name="320"), written(CLEAN, name="800")
    digests = {verify(encoded).digest for encoded in ((one,), (other,), (one, other), (other, one))}
    assert len(digests) == 4
    assert verify((one, other)).digest == verify((one, other)).digest
    assert all(len(digest) == 64 for digest in digests)


def test_no_renditions_are_no_proof() -> None:
    with pytest.raises(ImagingError, match="unclean"):
        verify(())


@pytest.mark.parametrize("name", ["", "Anna", "320 ", "a/b", "320\n"])
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(ImagingError, match="unclean"):
        proven(CLEAN, name=name)


def test_two_renditions_of_one_name_are_refused() -> None:
    one = written(CLEAN, name="320")
    with pytest.raises(ImagingError, match="unclean"):
        verify((one, one))


def test_one_unclean_rendition_spoils_the_image() -> None:
    good, bad = written(CLEAN, name="320"), written(CLEAN + b"\x00", name="800")
    with pytest.raises(ImagingError, match="unclean"):
        verify((good, bad))


@pytest.mark.parametrize("size", [(47, 32), (48, 33), (32, 48), (0, 0), (48, 0)])
def test_a_size_that_is_not_the_claimed_one_is_refused(size: tuple[int, int]) -> None:
    assert unclean(CLEAN, size=size)


OUTSIDE = [*range(SCAN), len(CLEAN) - 2, len(CLEAN) - 1]


def test_every_changed_bit_outside_the_pixels_is_refused() -> None:
    accepted = [
        (at, bit)
        for at in OUTSIDE
        for bit in range(8)
        if not unclean(CLEAN[:at] + bytes([CLEAN[at] ^ 1 << bit]) + CLEAN[at + 1 :])
    ]
    assert accepted == []


def test_every_inserted_byte_outside_the_pixels_is_refused() -> None:
    places = [*range(SCAN - 1), len(CLEAN) - 1]  # a zero byte in front of the scan header's own last zero stands among the pixels
    accepted = [
        (at, value) for at in places for value in (0, 0x41, 0xFF) if not unclean(CLEAN[:at] + bytes([value]) + CLEAN[at:])
    ]
    assert accepted == []


def test_every_missing_byte_outside_the_pixels_is_refused() -> None:
    assert [at for at in OUTSIDE if not unclean(CLEAN[:at] + CLEAN[at + 1 :])] == []


def test_every_shortened_file_is_refused() -> None:
    assert [length for length in range(len(CLEAN)) if not unclean(CLEAN[:length])] == []


@pytest.mark.parametrize("more", [b"\x00", b"A", b"\xff\xd9", b"\xff\xd8\xff\xd9", b"Ottoline", CLEAN])
def test_anything_behind_the_end_is_refused(more: bytes) -> None:
    assert unclean(CLEAN + more)


def starts() -> list[int]:
    """Where each segment starts, and where the pixels do."""
    found, position = [], 2
    while position < SCAN:
        found.append(position)
        position += 2 + int.from_bytes(CLEAN[position + 2 : position + 4], "big")
    return found


@pytest.mark.parametrize("marker", [*range(0xE0, 0xF0), 0xFE, 0xDB, 0xC4, 0xDD, 0xC0, 0xC2, 0xDC, 0x01, 0xF0])
def test_a_segment_more_is_refused_wherever_it_stands(marker: int) -> None:
    extra = segment(marker, b"secret")
    accepted = [at for at in (*starts(), SCAN, len(CLEAN) - 2) if not unclean(CLEAN[:at] + extra + CLEAN[at:])]
    assert accepted == []


def test_a_segment_twice_less_or_out_of_order_is_refused() -> None:
    cuts = [*starts(), SCAN]
    segments = [CLEAN[a:b] for a, b in pairwise(cuts)]
    rest = CLEAN[SCAN:]
    for index, one in enumerate(segments):
        others = segments[:index] + segments[index + 1 :]
        assert unclean(CLEAN[:2] + b"".join(others) + rest)
        assert unclean(CLEAN[:2] + b"".join([one, *segments]) + rest)
        assert unclean(CLEAN[:2] + b"".join([*others[1:], one, others[0]]) + rest)


@pytest.mark.parametrize("marker", [b"\xff\xd0", b"\xff\xd9", b"\xff\xe1\x00\x02", b"\xff\xff", b"\xff\x01"])
def test_a_marker_among_the_pixels_is_refused(marker: bytes) -> None:
    middle = (SCAN + len(CLEAN)) // 2
    assert unclean(CLEAN[:middle] + marker + CLEAN[middle:])


def test_too_few_pixels_for_the_size_are_refused() -> None:
    assert unclean(CLEAN[:SCAN] + b"\x00" * 23 + b"\xff\xd9")
    assert not unclean(CLEAN[:SCAN] + b"\x00" * 24 + b"\xff\xd9")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        dirty_jpeg(drawing(*SIZE)),
        saved(drawing(*SIZE), "JPEG", progressive=True),
        saved(drawing(*SIZE), "JPEG", optimize=True),
        saved(drawing(*SIZE), "JPEG", subsampling="4:4:4"),
        saved(drawing(*SIZE), "JPEG", restart_marker_blocks=1),
        saved(drawing(*SIZE), "JPEG", dpi=(300, 300)),
        saved(drawing(*SIZE), "JPEG", comment="x"),
        saved(drawing(*SIZE), "JPEG", exif=exif()),
        saved(drawing(*SIZE).convert("L"), "JPEG"),
        saved(drawing(*SIZE).convert("CMYK"), "JPEG"),
        saved(drawing(*SIZE), "PNG"),
        saved(drawing(*SIZE), "WEBP"),
    ],
)
def test_a_file_that_our_encoder_would_not_write_is_refused(content: bytes) -> None:
    assert unclean(content)


def test_a_plain_jpeg_of_our_quality_is_clean() -> None:
    assert proven(saved(drawing(*SIZE), "JPEG", quality=QUALITY, subsampling="4:2:0")).renditions[0].width == 48


@pytest.mark.parametrize("quality", [1, 49, 50, 84, 86, 100])
def test_a_plain_jpeg_of_any_other_quality_is_unclean(quality: int) -> None:
    assert unclean(saved(drawing(*SIZE), "JPEG", quality=quality, subsampling="4:2:0"))


@given(st.binary(max_size=300))
def test_any_bytes_are_unclean(content: bytes) -> None:
    assert unclean(content)


@given(st.lists(st.tuples(st.integers(0, len(CLEAN)), st.binary(max_size=4), st.integers(0, 4)), min_size=1, max_size=4))
def test_whatever_is_accepted_differs_in_its_pixels_only(damages: list[tuple[int, bytes, int]]) -> None:
    content = CLEAN
    for at, inserted, removed in damages:
        content = content[:at] + inserted + content[at + removed :]
    if not unclean(content):
        assert content[:SCAN] == CLEAN[:SCAN]
        assert content.endswith(b"\xff\xd9")
        assert content.count(b"\xff", SCAN) == content.count(b"\xff\x00", SCAN) + 1


def test_bytes_read_back_are_proven_by_the_digest_they_were_kept_under() -> None:
    (kept,) = proven(CLEAN).renditions
    assert verify((Encoded.kept_as(kept, CLEAN),)).renditions == (kept,)


def test_other_bytes_than_those_kept_are_refused_even_if_clean() -> None:
    (kept,) = proven(CLEAN).renditions
    other = saved(drawing(*SIZE).rotate(180), "JPEG", quality=QUALITY, subsampling="4:2:0")
    assert not unclean(other)
    with pytest.raises(ImagingError, match="unclean"):
        verify((Encoded.kept_as(kept, other),))


def test_an_encoder_gives_the_digest_of_what_it_wrote() -> None:
    made = unjailed(saved(drawing(*SIZE), "PNG"), (FULL_SIZE,))[1]
    assert [one.sha256 for one in made] == [hashlib.sha256(one.content).hexdigest() for one in made]
