"""A stream sealed in segments opens whole, unaltered and in order, or not at all."""

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given
from hypothesis import strategies as st

from storage.objects.errors import SealBroken
from storage.segments import HEADER_LENGTH, SEALED_LENGTH, SEGMENT_LENGTH, TAG_LENGTH, Sealer, open_segments

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
WHOSE = b"elm-tree/ph_1"
LENGTHS = (0, 1, SEGMENT_LENGTH - 1, SEGMENT_LENGTH, SEGMENT_LENGTH + 1, 2 * SEGMENT_LENGTH, 3 * SEGMENT_LENGTH + 5)
SEVERAL = 3 * SEGMENT_LENGTH + 5


def plaintext(length: int) -> bytes:
    """Bytes of which no two segments are alike."""
    return b"".join(number.to_bytes(4, "big") for number in range(length // 4 + 1))[:length]


def seal(content: bytes, *, pieces: list[int] | None = None, key: bytes = KEY, bound: bytes = WHOSE) -> bytes:
    """Seal content handed over in pieces of these lengths, again and again."""
    sealer, out, at = Sealer(key=key, bound=bound), [], 0
    lengths = cycle(pieces) if pieces else iter([len(content)])
    while at < len(content):
        length = next(lengths)
        out.append(sealer.update(content[at : at + length]))
        at += length
    return b"".join([*out, sealer.finish()])


def cycle(lengths: list[int]) -> Iterator[int]:
    while True:
        yield from lengths


def opened(sealed: bytes, *, key: bytes = KEY, bound: bytes = WHOSE) -> bytes:
    return b"".join(open_segments(BytesIO(sealed), key=key, bound=bound))


def assert_broken(sealed: bytes, *, key: bytes = KEY, bound: bytes = WHOSE) -> None:
    with pytest.raises(SealBroken):
        opened(sealed, key=key, bound=bound)


def segments(sealed: bytes) -> list[bytes]:
    """The header, then every segment."""
    borders = [0, *range(HEADER_LENGTH, len(sealed), SEALED_LENGTH), len(sealed)]
    return [sealed[begin:end] for begin, end in pairwise(borders)]


@given(
    length=st.sampled_from(LENGTHS), pieces=st.lists(st.sampled_from([1000, 4096, 65_535, 65_536, 65_537, 200_000]), min_size=1)
)
def test_however_it_comes_in_it_opens_as_it_was(length: int, pieces: list[int]) -> None:
    assert opened(seal(plaintext(length), pieces=pieces)) == plaintext(length)


@given(content=st.binary(max_size=300), pieces=st.lists(st.integers(1, 40), min_size=1))
def test_small_things_in_small_pieces_open_as_they_were(content: bytes, pieces: list[int]) -> None:
    assert opened(seal(content, pieces=pieces)) == content


@pytest.mark.parametrize("length", LENGTHS)
def test_the_sealed_stream_is_as_long_as_the_documented_layout_says(length: int) -> None:
    many = max(1, -(-length // SEGMENT_LENGTH))
    assert len(seal(plaintext(length))) == HEADER_LENGTH + length + many * TAG_LENGTH


@pytest.mark.parametrize("length", LENGTHS)
def test_each_segment_is_aes_gcm_under_a_nonce_of_prefix_number_and_whether_it_is_the_last(length: int) -> None:
    header, *found = segments(seal(plaintext(length)))
    assert header[:1] == b"\x02"
    for number, segment in enumerate(found):
        nonce = header[1:] + number.to_bytes(4, "big") + (b"\x01" if number == len(found) - 1 else b"\x00")
        expected = plaintext(length)[number * SEGMENT_LENGTH : (number + 1) * SEGMENT_LENGTH]
        assert AESGCM(KEY).decrypt(nonce, segment, header + WHOSE) == expected


@pytest.mark.parametrize("length", LENGTHS)
def test_no_plaintext_is_held_back_beyond_a_segment_and_none_is_let_out(length: int) -> None:
    sealer, out = Sealer(key=KEY, bound=WHOSE), 0
    for at in range(0, length, 10_000):
        piece = plaintext(length)[at : at + 10_000]
        out += len(sealer.update(piece))
        assert at + len(piece) - out <= SEGMENT_LENGTH
    assert plaintext(64) not in seal(plaintext(length))


@given(length=st.sampled_from(LENGTHS), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@example(length=0, where=0.0, bit=0)
def test_a_single_altered_byte_anywhere_breaks_it(length: int, where: float, bit: int) -> None:
    sealed = bytearray(seal(plaintext(length)))
    sealed[int(where * len(sealed))] ^= 1 << bit
    assert_broken(bytes(sealed))


@given(length=st.sampled_from(LENGTHS), kept=st.floats(0, 1, exclude_max=True))
def test_cut_off_anywhere_it_does_not_open(length: int, kept: float) -> None:
    sealed = seal(plaintext(length))
    assert_broken(sealed[: int(kept * len(sealed))])


@pytest.mark.parametrize("length", LENGTHS)
def test_cut_off_at_any_border_of_segments_it_does_not_open(length: int) -> None:
    parts = segments(seal(plaintext(length)))
    for many in range(len(parts)):
        assert_broken(b"".join(parts[:many]))


def test_no_segment_may_be_left_out_doubled_moved_or_added() -> None:
    header, *found = segments(seal(plaintext(SEVERAL)))
    assert len(found) == 4
    for one in range(4):
        assert_broken(header + b"".join(found[:one] + found[one + 1 :]))
        assert_broken(header + b"".join([*found[: one + 1], *found[one:]]))
        assert_broken(header + b"".join([*found, found[one]]))
        for other in range(one + 1, 4):
            moved = list(found)
            moved[one], moved[other] = moved[other], moved[one]
            assert_broken(header + b"".join(moved))
    assert opened(header + b"".join(found)) == plaintext(SEVERAL)


def test_segments_of_another_stream_under_the_same_key_do_not_fit_in() -> None:
    (header, *one), (_, *other) = (segments(seal(plaintext(SEVERAL))) for _ in range(2))
    for at in range(4):
        assert_broken(header + b"".join([*one[:at], other[at], *one[at + 1 :]]))


def test_bytes_after_the_end_break_it() -> None:
    for length in LENGTHS:
        assert_broken(seal(plaintext(length)) + b"\0")


@pytest.mark.parametrize("length", [0, 1, SEVERAL])
def test_it_opens_with_its_own_key_and_as_what_it_is_only(length: int) -> None:
    sealed = seal(plaintext(length))
    assert_broken(sealed, key=OTHER_KEY)
    assert_broken(sealed, bound=WHOSE + b"2")
    assert_broken(sealed, bound=b"")


def test_the_format_before_this_one_is_no_longer_read() -> None:
    assert_broken(b"\x01" + seal(b"a picture")[1:])
    nonce = bytes(12)
    assert_broken(b"\x01" + nonce + AESGCM(KEY).encrypt(nonce, b"a picture", WHOSE))


def test_the_same_bytes_twice_never_give_the_same_stream() -> None:
    assert len({seal(b"a picture") for _ in range(50)}) == 50
