"""The corpus's own small proofs of a cleaned file: they share no code with what cleaned it, nor with what verified it."""

import io
from collections.abc import Iterable
from itertools import pairwise

from PIL import Image

from tests.corpus.canaries import found
from tests.corpus.codes import all_spent
from tests.corpus.specimens import SIZE, Colour, Look

_HEADERS = b"\xe0\xdb\xdb\xc0\xc4\xc4\xc4\xc4\xda"
_KEYS = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def markers(jpeg: bytes) -> list[int]:
    """The markers of a JPEG file up to its first scan, each found by the length of the one before."""
    met: list[int] = []
    position = 2
    while not met or met[-1] != 0xDA:
        if jpeg[position] != 0xFF:
            raise ValueError("no marker")
        met.append(jpeg[position + 1])
        position += 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
    return met


def scan(jpeg: bytes) -> bytes:
    """The entropy-coded bytes of a JPEG file of one scan."""
    start = jpeg.index(b"\xff\xda")
    return jpeg[start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big") : -2]


def faults(jpeg: bytes, width: int, height: int, places: Iterable[str]) -> list[str]:
    """What is wrong with a file that should be a clean JPEG of this size; nothing, if it is one."""
    wrong = [f"holds {place or 'a canary'}" for place in sorted(found(jpeg, {*places, ""}))]
    if not jpeg.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00") or not jpeg.endswith(b"\xff\xd9"):
        wrong.append("does not begin and end as a plain JPEG")
    if bytes(markers(jpeg)) != _HEADERS:
        wrong.append("has other segments than a plain JPEG")
    if any(one == 0xFF and other != 0x00 for one, other in pairwise(scan(jpeg))):
        wrong.append("has markers among its pixels")
    elif not all_spent(jpeg, width, height):
        wrong.append("has other things than codes of pixels among its pixels")
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
        opened.load()
        if (opened.size, opened.mode) != ((width, height), "RGB"):
            wrong.append("is not of the claimed size, or not RGB")
        if opened.info.keys() - _KEYS or opened.getexif():
            wrong.append(f"carries {sorted(opened.info.keys() - _KEYS)}")
    return wrong


def seen(jpeg: bytes, look: Look) -> Look:
    """The mean colour of the middle of each cell, were the file a picture of so many cells."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
        wide, high = opened.width / len(look[0]), opened.height / len(look)
        return tuple(
            tuple(_middle(opened, x * wide, y * high, wide, high) for x in range(len(look[0]))) for y in range(len(look))
        )


def _middle(image: Image.Image, left: float, top: float, wide: float, high: float) -> Colour:
    edges = (left + wide / 4, top + high / 4, left + wide * 3 / 4, top + high * 3 / 4)
    colour = image.resize((1, 1), Image.Resampling.BOX, box=edges).getpixel((0, 0))
    if not isinstance(colour, tuple):
        raise TypeError("a cleaned picture has three colours")
    return colour[0], colour[1], colour[2]


def differences(one: Look, other: Look) -> list[int]:
    """How far each number of each cell is from the other's."""
    cells = ((a, b) for mine, yours in zip(one, other, strict=True) for a, b in zip(mine, yours, strict=True))
    return [abs(x - y) for a, b in cells for x, y in zip(a, b, strict=True)]


def fitting(long_side: int) -> tuple[int, int]:
    """The size of an upright picture whose long side is cut to this."""
    side = min(long_side, SIZE[0])
    return side, round(SIZE[1] * side / SIZE[0])
