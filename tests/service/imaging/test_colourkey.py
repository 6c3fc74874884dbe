"""The colour of a PNG that counts as transparent becomes white, at every depth, and no other colour does."""

import struct
import zlib

import pytest

from service.imaging import FULL_SIZE, ImagingError, Refusal
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import chunk, opened

SIDE = 32
GREY, RGB, RGB_AND_ALPHA = 0, 2, 6
WHITE = (255, 255, 255)


def keyed(*, depth: int, colours: int, left: tuple[int, ...], right: tuple[int, ...], key: tuple[int, ...]) -> bytes:
    """A picture of two halves, of which one may have the colour of the key."""
    bits = "".join(f"{sample:0{depth}b}" for colour in (left, right) for _ in range(SIDE // 2) for sample in colour)
    row = b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    header = struct.pack(">IIBBBBB", SIDE, SIDE, depth, colours, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"tRNS", struct.pack(f">{len(key)}H", *key)),
        (b"IDAT", zlib.compress(row * SIDE)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def halves(untrusted: bytes) -> tuple[object, object]:
    _, (full,) = unjailed(untrusted, (FULL_SIZE,))
    shown = opened(full.content)
    return shown.getpixel((4, 16)), shown.getpixel((SIDE - 5, 16))


def near(one: object, other: tuple[int, ...]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(mine - its) <= 6 for mine, its in zip(one, other, strict=True))


CASES = [
    (16, GREY, (0x0309,), (0x4000,), (0x0309,), WHITE, (0x40,) * 3),
    (16, GREY, (0x0308,), (0x4000,), (0x0309,), (3, 3, 3), (0x40,) * 3),
    (16, RGB, (0x0309,) * 3, (0x1919, 0x1919, 0xE6E6), (0x0309,) * 3, WHITE, (25, 25, 230)),
    (16, RGB, (0x0309, 0x0309, 0x0308), (0x1919, 0x1919, 0xE6E6), (0x0309,) * 3, (3, 3, 3), (25, 25, 230)),
    (16, RGB, (0x0309, 0x0309, 0x0209), (0, 0, 0), (0x0309,) * 3, (3, 3, 2), (0, 0, 0)),
    (8, GREY, (9,), (200,), (9,), WHITE, (200, 200, 200)),
    (8, GREY, (9,), (200,), (0x0109,), WHITE, (200, 200, 200)),
    (8, GREY, (10,), (200,), (9,), (10, 10, 10), (200, 200, 200)),
    (8, RGB, (9, 8, 7), (200, 100, 50), (9, 8, 7), WHITE, (200, 100, 50)),
    (8, RGB, (9, 8, 6), (200, 100, 50), (9, 8, 7), (9, 8, 6), (200, 100, 50)),
    (4, GREY, (3,), (5,), (3,), WHITE, (85, 85, 85)),
    (4, GREY, (3,), (5,), (5,), (51, 51, 51), WHITE),
    (2, GREY, (1,), (2,), (1,), WHITE, (170, 170, 170)),
    (1, GREY, (0,), (1,), (0,), WHITE, WHITE),
    (1, GREY, (0,), (1,), (1,), (0, 0, 0), WHITE),
]


@pytest.mark.parametrize(("depth", "colours", "left", "right", "key", "left_shown", "right_shown"), CASES)
def test_the_colour_of_the_key_becomes_white_and_no_other_does(
    depth: int,
    colours: int,
    left: tuple[int, ...],
    right: tuple[int, ...],
    key: tuple[int, ...],
    left_shown: tuple[int, ...],
    right_shown: tuple[int, ...],
) -> None:
    one, other = halves(keyed(depth=depth, colours=colours, left=left, right=right, key=key))
    assert near(one, left_shown)
    assert near(other, right_shown)


def test_a_key_beside_an_alpha_channel_is_none() -> None:
    colour = (0x3030, 0x3030, 0x3030, 0xFFFF)
    one, other = halves(keyed(depth=16, colours=RGB_AND_ALPHA, left=colour, right=colour, key=(0x3030,) * 3))
    assert near(one, (0x30,) * 3)
    assert near(other, (0x30,) * 3)


@pytest.mark.parametrize(("colours", "key"), [(GREY, ()), (RGB, (9, 9))])
def test_a_picture_whose_key_is_cut_off_is_damaged(colours: int, key: tuple[int, ...]) -> None:
    colour = (9,) * (1 if colours == GREY else 3)
    with pytest.raises(ImagingError) as refused:
        halves(keyed(depth=16, colours=colours, left=colour, right=colour, key=key))
    assert refused.value.reason is Refusal.UNDECODABLE
