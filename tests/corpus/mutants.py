"""Mutants of the corpus: the same ones for the same number, each a few hostile edits away from a file that is accepted."""

import random
import re
import struct
from collections.abc import Callable, Iterator, Sequence

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
"""The file, the dice, and other files to take pieces from."""

ODD_NUMBERS = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_LENGTHS = re.compile(
    rb"(?P<jpeg>\xff[\xc0-\xfe](?=..))|(?P<png>....(?=[A-Za-z]{4}))"
    rb"|(?P<riff>RIFF|VP8[ LX]|EXIF|XMP |ICCP)|(?P<tiff>\x00[\x01-\x0d]\x00\x00)",
    re.DOTALL,
)
"""What stands beside a length: a marker or a chunk's name before it, a box's name behind it, a TIFF entry's type before it."""
_LONGEST = 400_000


def flipped(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """One to eight bits are another."""
    edited = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        edited[dice.randrange(len(edited))] ^= 1 << dice.randrange(8)
    return bytes(edited)


def overwritten(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """A few bytes are any others."""
    start = dice.randrange(len(content))
    more = dice.randbytes(dice.randint(1, 16))
    return content[:start] + more + content[start + len(more) :]


def inserted(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Bytes that were not there."""
    start = dice.randrange(len(content) + 1)
    more = dice.choice((dice.randbytes(dice.randint(1, 64)), bytes(dice.randint(1, 64)), b"\xff" * dice.randint(1, 64)))
    return content[:start] + more + content[start:]


def deleted(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Bytes that are not there any more."""
    start = dice.randrange(len(content))
    return content[:start] + content[start + dice.randint(1, max(1, len(content) // 8)) :]


def truncated(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """The end is missing, and may be filled up with zeros."""
    kept = dice.randrange(1, len(content))
    return content[:kept] + bytes(dice.choice((0, 0, len(content) - kept)))


def spliced(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """A piece of another file, over or between what was there."""
    other = dice.choice(others)
    start, from_there = dice.randrange(len(content)), dice.randrange(len(other))
    piece = other[from_there : from_there + dice.randint(1, 2_000)]
    return content[:start] + piece + content[start + dice.choice((0, len(piece))) :]


def repeated(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """A piece that stands there twice, or many times."""
    start = dice.randrange(len(content))
    piece = content[start : start + dice.randint(1, 300)]
    return content[:start] + piece * dice.choice((2, 2, 50)) + content[start:]


def lied(content: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """A length, a count or an offset is another number: in any of the places where these formats keep them."""
    places = [found.end() if found.lastgroup != "png" else found.start() for found in _LENGTHS.finditer(content)]
    place = dice.choice(places) if places else dice.randrange(len(content))
    form = dice.choice((">H", ">I", "<I", "<H"))
    size = struct.calcsize(form)
    there = content[place : place + size]
    near = (int.from_bytes(there, "big" if form[0] == ">" else "little") + dice.choice((-1, 1, -2, 2))) % (1 << 8 * size)
    number = dice.choice((near, dice.choice(ODD_NUMBERS) % (1 << 8 * size)))
    return content[:place] + struct.pack(form, number) + content[place + size :]


MUTATIONS: tuple[Mutation, ...] = (flipped, overwritten, inserted, deleted, truncated, spliced, repeated, lied)


def mutant(name: str, number: int, content: bytes, others: Sequence[bytes]) -> bytes:
    """The file's mutant of this number: every mutation has its turn, and each later round makes several of them at once."""
    dice = random.Random(f"{name} {number}")
    edited = MUTATIONS[number % len(MUTATIONS)](content, dice, others)
    for _ in range(min(number // len(MUTATIONS), dice.randrange(4))):
        if edited:
            edited = dice.choice(MUTATIONS)(edited, dice, others)
    return edited[:_LONGEST]


def shares(names: Sequence[str], wanted: int) -> Iterator[tuple[str, int]]:
    """So many mutants, every file's in turn: the file, and the number of its mutant. Neighbours get different mutations."""
    for index in range(wanted):
        yield names[index % len(names)], index // len(names) + index % len(names) % len(MUTATIONS)
