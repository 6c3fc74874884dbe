"""HEIC files in every form that the standard allows, built box by box."""

import struct

import pytest

from service.imaging import ImagingError, Refusal, sniff
from service.imaging.sniff import look
from tests.service.imaging.dirty import CANARY


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, version: int, *content: bytes, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def built(
    *,
    wide: bool = False,
    version: int = 0,
    method: int = 0,
    with_idat: bool = True,
    extent: tuple[int, int] | None = None,
    repeated: int = 1,
    ispe: bytes | None = None,
    entries: int | None = None,
    old_item: bool = False,
    more: bytes = b"",
) -> bytes:
    """A file with a picture (item 1) and an Exif block (item 2) in the media box, or in the item data box (method 1)."""
    item, long = (">I", 1) if wide else (">H", 0)
    pitm = full(b"pitm", long, struct.pack(item, 1))
    kinds = [
        full(b"infe", 2 + long, struct.pack(item, number), bytes(2), kind, b"\x00")
        for number, kind in ((1, b"hvc1"), (2, b"Exif"))
    ]
    if old_item:
        kinds.append(full(b"infe", 0, struct.pack(">HH", 3, 0), b"old\x00"))
    iinf = full(b"iinf", long, struct.pack(item, len(kinds)), *kinds)
    index = b"\x81\x02" if not wide else b"\x80\x01\x00\x02"
    association = struct.pack(item, 2) + b"\x00" + struct.pack(item, 1) + b"\x02" + index
    ipma = full(b"ipma", long, struct.pack(">I", 2 if entries is None else entries), association, flags=int(wide))
    size = full(b"ispe", 0, struct.pack(">II", 640, 480)) if ispe is None else ispe
    iprp = box(b"iprp", box(b"ipco", size, box(b"colr", b"nclx")), ipma)
    idat = box(b"idat", CANARY.encode()) if with_idat else b""

    def whole(start: int) -> bytes:
        place = extent or (start, len(CANARY))
        extents = struct.pack(">H", repeated) + struct.pack(">II", *place) * min(repeated, 3)
        head = struct.pack(">H", method) if version else b""
        number = ">I" if version == 2 else ">H"
        one = struct.pack(number, 2) + head + bytes(2) + extents
        iloc = full(b"iloc", version, b"\x44\x00", struct.pack(number, 1), one)
        meta = full(b"meta", 0, full(b"hdlr", 0, bytes(4), b"pict", bytes(13)), pitm, iinf, iprp, idat, iloc, more)
        return box(b"ftyp", b"mif1", bytes(4), b"mif1heic") + meta + box(b"mdat", CANARY.encode())

    first = whole(0)
    return whole(0 if method == 1 else len(first) - len(CANARY))


def exif_of(untrusted: bytes) -> list[bytes]:
    return [part.of(untrusted) for part in look(untrusted)[1].parts if part.name == "Exif"]


def refusal(untrusted: bytes) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        sniff(untrusted)
    return refused.value.reason


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("version", "method"), [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)])
def test_every_form_of_the_standard_is_read(wide: bool, version: int, method: int) -> None:
    untrusted = built(wide=wide, version=version, method=method)
    sniffed = sniff(untrusted)
    assert (sniffed.width, sniffed.height) == (640, 480)
    assert exif_of(untrusted) == [CANARY.encode()]


def test_an_item_whose_length_is_not_said_goes_on_to_the_end() -> None:
    untrusted = built(version=1, method=1, extent=(3, 0))
    assert exif_of(untrusted) == [CANARY.encode()[3:]]


def test_an_item_built_from_other_items_has_no_bytes_of_its_own() -> None:
    assert exif_of(built(version=1, method=2)) == []


def test_an_item_without_the_box_that_it_lies_in_has_no_bytes() -> None:
    assert exif_of(built(version=1, method=1, with_idat=False)) == []


def test_an_item_described_in_the_old_way_is_passed_over() -> None:
    assert sniff(built(old_item=True)).width == 640


@pytest.mark.parametrize("method", [0, 1])
def test_an_item_whose_bytes_are_not_there_is_cut_off(method: int) -> None:
    assert refusal(built(version=1, method=method, extent=(10, 100_000))) is Refusal.TRUNCATED


@pytest.mark.parametrize(
    "untrusted",
    [
        built(repeated=60_000),
        built(repeated=50),
        built(entries=60_000),
        built(ispe=full(b"ispe", 0, bytes(4))),
        built(ispe=full(b"ispe", 0, struct.pack(">II", 640, 480)) + full(b"ispe", 0, struct.pack(">II", 64, 48))),
        built(more=box(b"free") * 50_001),
        built() + built(),
    ],
)
def test_a_file_that_breaks_the_rules_is_undecodable(untrusted: bytes) -> None:
    assert refusal(untrusted) is Refusal.UNDECODABLE


def test_a_huge_picture_that_is_not_the_primary_one_is_refused_too() -> None:
    tile = (
        full(b"ispe", 0, struct.pack(">II", 640, 480)) + full(b"free", 0) + full(b"ispe", 0, struct.pack(">II", 20_000, 10_000))
    )
    assert refusal(built(ispe=tile)) is Refusal.TOO_MANY_PIXELS
