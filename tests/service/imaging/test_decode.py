"""Pixels of the kinds that came last: upright, in the right colours, from one picture, and with nothing looked for elsewhere."""

import io
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from service.imaging import FULL_SIZE, ImagingError, Refusal, RenditionSize, verify
from service.imaging.containers import heif
from service.imaging.sniff import DECODER_TURNS, Kind, look
from tests.service.imaging.asking import unjailed
from tests.service.imaging.dirty import (
    DIRTY,
    dirty_avif,
    dirty_bmp,
    dirty_gif,
    dirty_tiff,
    drawing,
    exif,
    opened,
    plain_files,
    profile,
    saved,
    tiff,
    xmp,
)

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (250, 250, 250)
BACK = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_90",
    7: "TRANSVERSE",
    8: "ROTATE_270",
}
"""Orientation -> what turns the upright scene into what such a camera stores."""
CLOSE = 8
"""Mean difference from 255: halved colours blur the edges of so small a picture; a wrong one differs by far more."""
ROOT = Path(__file__).resolve().parents[3]


def cleaned(untrusted: bytes) -> Image.Image:
    _, encoded = unjailed(untrusted, (FULL_SIZE,))
    verify(encoded)
    return opened(encoded[0].content)


def scene() -> Image.Image:
    """Four colours, one for each quarter, upright."""
    image = Image.new("RGB", (96, 64), RED)
    image.paste(GREEN, (48, 0, 96, 32))
    image.paste(BLUE, (0, 32, 48, 64))
    image.paste(WHITE, (48, 32, 96, 64))
    return image


def stored(orientation: int) -> Image.Image:
    return scene().transpose(Image.Transpose[BACK[orientation]]) if orientation in BACK else scene()


def differs(one: Image.Image, other: Image.Image) -> float:
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one, other.convert("RGB"))).mean)


def in_srgb(wide: Image.Image) -> Image.Image:
    """A picture in Display P3, as the profile in every dirty file says, in sRGB."""
    made = ImageCms.profileToProfile(wide, ImageCms.ImageCmsProfile(io.BytesIO(profile())), ImageCms.createProfile("sRGB"))
    assert made is not None
    return made


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("order", "options"),
    [
        *(("<", {}), (">", {}), ("<", {"compression": "tiff_lzw"}), ("<", {"compression": "packbits"})),
        *(("<", {"compression": "tiff_adobe_deflate"}), ("<", {"compression": "jpeg", "quality": 95})),
    ],
)
def test_every_orientation_of_a_tiff_comes_out_upright(orientation: int, order: str, options: dict[str, object]) -> None:
    untrusted = dirty_tiff(stored(orientation), orientation=orientation, order=order, **options)
    assert differs(cleaned(untrusted), in_srgb(scene())) < CLOSE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_an_avif_comes_out_upright(orientation: int) -> None:
    untrusted = dirty_avif(stored(orientation), orientation=orientation)
    assert (b"irot" in untrusted or b"imir" in untrusted) is (orientation > 1)
    assert differs(cleaned(untrusted), in_srgb(scene())) < CLOSE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_exif_says_turns_no_avif(orientation: int) -> None:
    # The standard says so: the properties count. (Pillow would move tag 274 to them, so it is written as 275 first.)
    whole = saved(
        scene(), "AVIF", speed=10, quality=90, exif=b"Exif\x00\x00" + tiff((275, 3, 1, struct.pack(">HH", orientation, 0)))
    )
    assert differs(cleaned(whole.replace(b"\x01\x13\x00\x03", b"\x01\x12\x00\x03")), scene()) < CLOSE


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("stated", range(2, 9))
def test_what_xmp_says_turns_no_avif_and_hides_no_turn(orientation: int, stated: int) -> None:
    document = xmp(f"<tiff:Orientation>{stated}</tiff:Orientation>")
    turned = saved(stored(orientation), "AVIF", speed=10, quality=90, xmp=document, exif=exif(orientation=orientation))
    assert differs(cleaned(turned), scene()) < CLOSE


def test_the_kinds_whose_decoder_turns_are_those_with_properties() -> None:
    assert {Kind.HEIC, Kind.AVIF} == DECODER_TURNS


def with_aperture(avif: bytes, *numbers: int) -> bytes:
    """The AVIF with a clean aperture: eight numbers, which are four fractions."""
    clap = struct.pack(">I4s8I", 40, b"clap", *(number & 0xFFFFFFFF for number in numbers))
    ipco, ipma, iloc = (avif.index(name) - 4 for name in (b"ipco", b"ipma", b"iloc"))
    properties = avif[ipco:ipma].count(b"ispe") + avif[ipco:ipma].count(b"pixi") + avif[ipco:ipma].count(b"av1C")
    index = properties + avif[ipco:ipma].count(b"colr") + 1
    count = avif[ipma + 18]
    entry = ipma + 19 + count
    grown = bytearray(
        avif[:ipma] + clap + avif[ipma : ipma + 18] + bytes([count + 1]) + avif[ipma + 19 : entry] + bytes([0x80 | index])
    )
    grown += avif[entry:]
    for at, by in ((ipma + 40, 1), (ipco, 40), (avif.index(b"iprp") - 4, 41), (avif.index(b"meta") - 4, 41), (iloc + 22, 41)):
        grown[at : at + 4] = struct.pack(">I", struct.unpack_from(">I", grown, at)[0] + by)
    return bytes(grown)


PLAIN_AVIF = saved(scene(), "AVIF", speed=10, quality=95)


def test_what_is_cut_off_from_an_avif_is_not_seen() -> None:
    # The right lower quarter: 48 x 32 pixels, the middle of which lies 24 to the right and 16 below that of the picture.
    cut = with_aperture(PLAIN_AVIF, 48, 1, 32, 1, 24, 1, 16, 1)
    assert "clap" in {part.name for part in look(cut)[1].parts}
    assert differs(cleaned(cut), scene().crop((48, 32, 96, 64))) < CLOSE
    upper = with_aperture(PLAIN_AVIF, 48, 1, 32, 1, -24, 1, -32, 2)
    assert differs(cleaned(upper), scene().crop((0, 0, 48, 32))) < CLOSE


@pytest.mark.parametrize(
    "numbers",
    [
        (48, 1, 32, 1, 25, 1, 16, 1),
        (47, 1, 32, 1, 0, 1, 0, 1),
        (48, 0, 32, 1, 0, 1, 0, 1),
        (0, 1, 32, 1, 0, 1, 0, 1),
        (200, 1, 32, 1, 0, 1, 0, 1),
    ],
)
def test_a_cut_that_does_not_lie_in_the_picture_is_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ImagingError) as refused:
        unjailed(with_aperture(PLAIN_AVIF, *numbers), (FULL_SIZE,))
    assert refused.value.reason is Refusal.UNDECODABLE


def test_what_the_avif_decoder_does_not_see_stays_in_its_place() -> None:
    whole = dirty_avif()
    blind = heif.without_exif(whole)
    assert len(blind) == len(whole)
    assert sum(one != other for one, other in zip(blind, whole, strict=True)) <= 8


def lab(image: Image.Image) -> Image.Image:
    made = ImageCms.profileToProfile(
        image,
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
        renderingIntent=ImageCms.Intent.PERCEPTUAL,
    )
    assert made is not None
    return made


COLOURFUL = [
    *(
        ("TIFF", mode, {"compression": coding})
        for mode in ("RGB", "RGBA", "CMYK", "YCbCr", "LAB")
        for coding in (None, "tiff_lzw")
    ),
    *(("TIFF", mode, {"compression": "jpeg", "quality": 95}) for mode in ("RGB", "YCbCr", "CMYK")),
    *(
        ("BMP", "RGB", {}),
        ("BMP", "RGBA", {}),
        ("AVIF", "RGB", {"quality": 95, "speed": 10}),
        ("AVIF", "RGBA", {"quality": 95, "speed": 10}),
    ),
    *(("JPEG", "CMYK", {"quality": 95}), ("JPEG", "YCbCr", {"quality": 95})),
]


@pytest.mark.parametrize(("form", "mode", "options"), COLOURFUL)
def test_colours_come_out_as_they_went_in_whatever_they_are_written_in(form: str, mode: str, options: dict[str, object]) -> None:
    image = lab(scene()) if mode == "LAB" else scene().convert(mode)
    assert differs(cleaned(saved(image, form, **options)), scene()) < CLOSE


@pytest.mark.parametrize("form", ["GIF", "TIFF", "BMP"])
def test_colours_from_a_palette_come_out_as_they_went_in(form: str) -> None:
    assert differs(cleaned(saved(scene().quantize(16), form)), scene()) < CLOSE


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("TIFF", mode) for mode in ("1", "L", "LA", "I;16")),
        ("BMP", "1"),
        ("BMP", "L"),
        ("GIF", "L"),
        ("GIF", "1"),
        ("AVIF", "L"),
    ],
)
def test_greys_come_out_as_they_went_in(form: str, mode: str) -> None:
    grey = (
        drawing(64, 64).convert("L").point(lambda value: 255 if value > 127 else 0)
        if mode == "1"
        else drawing(64, 64).convert("L")
    )
    image = grey.convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else grey.convert(mode)
    assert differs(cleaned(saved(image, form, **({"quality": 95} if form == "AVIF" else {}))), grey) < 3


@pytest.mark.parametrize("mode", ["F", "I"])
def test_numbers_without_a_meaning_are_refused(mode: str) -> None:
    with pytest.raises(ImagingError) as refused:
        unjailed(saved(drawing().convert("L").convert(mode), "TIFF"), (FULL_SIZE,))
    assert refused.value.reason is Refusal.UNSUPPORTED


def tiff_of_rows(*, bits: int, samples: int, colours: int, rows: bytes, order: str) -> bytes:
    """A picture of 16 x 16 pixels."""
    values = [(256, 16), (257, 16), (258, bits), (259, 1), (262, colours), (273, 8), (277, samples), (278, 16), (279, len(rows))]
    if samples == 4 and colours == 2:
        values.append((338, 2))
    directory = b"".join(struct.pack(order + "HHI", tag, 4, 1) + struct.pack(order + "I", value) for tag, value in values)
    start = 8 + len(rows)
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    return mark + struct.pack(order + "I", start) + rows + struct.pack(order + "H", len(values)) + directory + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("bits", "samples", "colours", "pixel", "expected"),
    [
        (16, 1, 1, (0xC800,), (200, 200, 200)),
        (16, 3, 2, (0xC800, 0x6400, 0x3200), (200, 100, 50)),
        (16, 4, 2, (0xC800, 0x6400, 0x3200, 0xFFFF), (200, 100, 50)),
        (16, 4, 5, (0x3700, 0x9B00, 0xCD00, 0x0000), (200, 100, 50)),
        (8, 1, 0, (55,), (200, 200, 200)),
    ],
)
def test_sixteen_bits_of_a_tiff_are_read_in_both_byte_orders(
    order: str, bits: int, samples: int, colours: int, pixel: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    rows = struct.pack(f"{order}{samples}{'H' if bits == 16 else 'B'}", *pixel) * 256
    shown = cleaned(tiff_of_rows(bits=bits, samples=samples, colours=colours, rows=rows, order=order)).getpixel((8, 8))
    assert isinstance(shown, tuple)
    assert all(abs(one - other) <= 4 for one, other in zip(shown, expected, strict=True))


@pytest.mark.parametrize("make", [dirty_gif, dirty_tiff, dirty_bmp, dirty_avif, DIRTY["jpeg"], DIRTY["png"], DIRTY["webp"]])
def test_the_profile_is_heeded_in_every_kind_that_can_hold_one(make: object) -> None:
    assert callable(make)
    green = Image.new("RGB", (64, 64), (80, 200, 80))
    assert differs(green, in_srgb(green)) > 15
    assert differs(cleaned(make(green)), in_srgb(green)) < CLOSE


@pytest.mark.parametrize("form", ["GIF", "TIFF", "AVIF"])
def test_what_is_transparent_becomes_white_and_its_hidden_colour_is_gone(form: str) -> None:
    image = Image.new("RGBA", (128, 128), (200, 0, 0, 0))
    image.paste((0, 0, 200, 255), (0, 0, 64, 128))
    flat = cleaned(saved(image, form))
    assert flat.getpixel((120, 64)) == (255, 255, 255)
    assert differs(flat.crop((8, 8, 40, 120)), Image.new("RGB", (32, 112), (0, 0, 200))) < 8


WATCHED = """
import os, pickle, sys
files = pickle.load(open(sys.argv[1], "rb"))
sys.path.insert(0, sys.argv[2])
from service.imaging.errors import ImagingError
from service.imaging.zygote import clean, import_everything
import_everything()
seen = []
watched = ("open", "import", "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "_thread.", "ctypes.")
sys.addaudithook(lambda event, args: seen.append((event, str(args[:1]))) if event.startswith(watched) else None)
for name, untrusted in files:
    seen.clear()
    try:
        clean(untrusted, long_side=65_500)
    except ImagingError:
        pass
    if seen or len(os.listdir("/proc/self/task")) != 1:
        print(name, list(seen))
print("done")
"""


COMMENTS = (b"JIS\x00\x00\x00\x00\x00\x1b$B2V\x1b(B", b"UNICODE\x00\xfe\xff\x00A", b"ASCII\x00\x00\x00\xe9")


def test_once_everything_is_imported_no_picture_opens_a_file_or_loads_code_or_leaves_a_thread(tmp_path: Path) -> None:
    comments = {f"comment-{number}": saved(drawing(), "JPEG", exif=exif(comment=one)) for number, one in enumerate(COMMENTS)}
    whole = {**plain_files(), **{f"dirty-{name}": make() for name, make in DIRTY.items()}, **comments}
    damaged = [
        (
            f"{name}, {place}",
            untrusted[: len(untrusted) * place // 40] + b"\xff\x00\xff" + untrusted[len(untrusted) * place // 40 + 3 :],
        )
        for name, untrusted in whole.items()
        for place in range(40)
    ]
    (tmp_path / "files").write_bytes(pickle.dumps([*whole.items(), *damaged]))
    command = [sys.executable, "-I", "-B", "-c", WATCHED, str(tmp_path / "files"), str(ROOT)]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"done\n"


def test_only_the_largest_size_asked_for_is_made_of_every_kind() -> None:
    for make in DIRTY.values():
        _, encoded = unjailed(make(drawing(400, 300)), (RenditionSize(name="200", long_side=200),))
        assert (encoded[0].width, encoded[0].height) == (200, 150)
