"""Pictures whose numbers mean something else than sRGB says, and what they look like by the textbook."""

import io
import itertools
import struct
from collections.abc import Callable
from functools import partial

from PIL import Image, ImageOps

from tests.corpus import jpegs, pngs, profiles, tiffs
from tests.corpus.blocks import box
from tests.corpus.heifs import exif_item, taken_apart, with_profile
from tests.corpus.profiles import ADOBE_RGB, DISPLAY_P3, PROPHOTO, SRGB, Space
from tests.corpus.specimens import SIZE, Colour, Look, Planted, Specimen, painted, saved, specimen
from tests.corpus.tiffstream import ASCII, LONG, SHORT, UNDEFINED, Directory, stream

CARD: Look = (
    ((200, 60, 60), (60, 180, 90), (70, 80, 190), (128, 128, 128), (220, 200, 120), (30, 40, 35)),
    ((180, 150, 200), (240, 240, 235), (250, 20, 30), (20, 230, 40), (20, 30, 240), (15, 15, 15)),
    ((115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170)),
    ((214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46)),
)
"""Saturated colours, greys, and skin: the first two patches of the third row are those of dark and light skin."""
GREYS: Look = (((0,) * 3, (16,) * 3, (40,) * 3, (90,) * 3), ((128,) * 3, (170,) * 3, (220,) * 3, (255,) * 3))
BLACK_AND_WHITE: Look = (((0,) * 3, (255,) * 3), ((255,) * 3, (0,) * 3))
_ICC_TEXTS = ("icc-desc", "icc-cprt")
_INKS: tuple[tuple[tuple[int, int, int, int], ...], ...] = (
    ((0, 200, 200, 20), (180, 0, 200, 20), (200, 180, 0, 10)),
    ((0, 0, 0, 128), (10, 60, 80, 40), (0, 0, 0, 0)),
)
_YCCK = 2


def through(light: Callable[[Colour], Colour], look: Look) -> Look:
    """The look with every colour changed."""
    return tuple(tuple(light(colour) for colour in row) for row in look)


def _in_profile(form: str, icc: bytes, image: Image.Image) -> bytes:
    match form:
        case "JPEG":
            return jpegs.with_icc(icc, jpeg=saved(image, "JPEG", quality=97, subsampling="4:4:4"))
        case "TIFF":
            directory = tiffs.picture(image)
            directory.add(0x8773, UNDEFINED, icc)
            return stream(directory, "<")
        case "HEIF" | "AVIF":
            return with_profile(form, image, icc)
        case "WEBP":
            return saved(image, "WEBP", lossless=True, icc_profile=icc)
        case _:
            return saved(image, form, icc_profile=icc)


def _wide(form: str, space: Space) -> Planted:
    return Planted(_in_profile(form, profiles.rgb_profile(space), painted(CARD)), _ICC_TEXTS)


def _wide_with_alpha() -> Planted:
    image = painted(CARD).convert("RGBA")
    return Planted(saved(image, "PNG", icc_profile=profiles.rgb_profile(DISPLAY_P3)), _ICC_TEXTS)


def _named(space: Space, name: str) -> Planted:
    return Planted(jpegs.with_icc(profiles.rgb_profile(space, name=name), jpeg=_card_jpeg()), ("icc-cprt",))


def _card_jpeg() -> bytes:
    return saved(painted(CARD), "JPEG", quality=97, subsampling="4:4:4")


def _tables() -> Planted:
    space = Space(
        red=DISPLAY_P3.red, green=DISPLAY_P3.green, blue=DISPLAY_P3.blue, curve=profiles.table(lambda value: value**1.8)
    )
    return Planted(jpegs.with_icc(profiles.rgb_profile(space), jpeg=_card_jpeg()), _ICC_TEXTS)


def _broken_profile() -> Planted:
    icc = profiles.rgb_profile(DISPLAY_P3)
    return Planted(jpegs.with_icc(icc[:300], jpeg=_card_jpeg()), ())


def _foreign_profile() -> Planted:
    """A profile for grey pictures in one that has colours."""
    return Planted(jpegs.with_icc(profiles.grey_profile(profiles.gamma(1.0)), jpeg=_card_jpeg()), _ICC_TEXTS)


def _grey(form: str, exponent: float) -> Planted:
    icc = profiles.grey_profile(profiles.gamma(exponent))
    return Planted(_in_profile(form, icc, painted(GREYS).convert("L")), _ICC_TEXTS)


def grey_to_srgb(exponent: float, colour: Colour) -> Colour:
    """What a grey is in sRGB, by the textbook."""
    return (profiles.encoded(profiles.gamma(exponent).light(colour[0] / 255)),) * 3


def inks_to_srgb(inks: tuple[int, int, int, int]) -> Colour:
    """Inks without a profile: each one, and black, takes its share of the light away."""
    cyan, magenta, yellow, black = inks
    left = (255 - black) / 255
    return round((255 - cyan) * left), round((255 - magenta) * left), round((255 - yellow) * left)


def _inks(rows: tuple[tuple[tuple[int, int, int, int], ...], ...] = _INKS) -> Image.Image:
    image = Image.new("CMYK", SIZE)
    wide, high = SIZE[0] // len(rows[0]), SIZE[1] // len(rows)
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            image.paste(colour, (x * wide, y * high, (x + 1) * wide, (y + 1) * high))
    return image


def _cmyk_jpeg() -> Planted:
    return Planted(saved(_inks(), "JPEG", quality=97, subsampling="4:4:4"), ())


def _ycck_jpeg() -> Planted:
    """Inks coded as brightness and colour, as Photoshop writes them: Adobe's segment says so."""
    cyan, magenta, yellow, black = _inks().split()
    coded = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    jpeg = saved(Image.merge("CMYK", (*(ImageOps.invert(plane) for plane in coded), black)), "JPEG", quality=97)
    at = jpeg.index(b"Adobe") + 11
    return Planted(jpeg[:at] + bytes([_YCCK]) + jpeg[at + 1 :], ())


def _cmyk_tiff() -> Planted:
    return Planted(stream(tiffs.picture(_inks()), ">"), ())


_CORNER_INKS = (((0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 0, 0)), ((0, 0, 255, 0), (255, 255, 0, 0), (0, 255, 255, 0)))
_PAPER_LAB = {
    (0, 0, 0, 0): (100, 0, 0),
    (255, 0, 0, 0): (62, -30, -40),
    (0, 255, 0, 0): (50, 60, -5),
    (0, 0, 255, 0): (88, -5, 70),
    (255, 255, 0, 0): (30, 25, -45),
    (0, 255, 255, 0): (48, 55, 40),
}
"""Inks as printed -> lightness and two colours, by an invented press. Any other mixture counts as the darkest."""
_DARK_LAB = (20, 0, 0)


def lab_to_srgb(lab: tuple[int, int, int]) -> Colour:
    """CIE L*a*b* at D50 in sRGB, by the textbook."""
    middle = (lab[0] + 16) / 116
    roots = (middle + lab[1] / 500, middle, middle - lab[2] / 200)
    xyz = [w * (t**3 if t > 6 / 29 else 3 * (6 / 29) ** 2 * (t - 4 / 29)) for w, t in zip(profiles.WHITE, roots, strict=True)]
    red, green, blue = (profiles.encoded(sum(a * b for a, b in zip(row, xyz, strict=True))) for row in profiles.XYZ_TO_SRGB)
    return red, green, blue


def _press_profile() -> bytes:
    """A press profile of one table with two steps for each ink, from inks to Lab."""
    grid = b""
    steps = (0, 255)
    for inks in itertools.product(steps, steps, steps, steps):
        light, one, other = _PAPER_LAB.get(inks, _DARK_LAB)
        grid += bytes([round(light * 2.55), one + 128, other + 128])
    unit = b"".join(profiles.fixed(*row) for row in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unit + bytes(range(256)) * 4 + grid + bytes(range(256)) * 3
    texts = {b"desc": profiles.words("Some press"), b"cprt": profiles.words("nobody"), b"wtpt": b"XYZ " + bytes(4)}
    texts[b"wtpt"] += profiles.fixed(*profiles.WHITE)
    tags = {**texts, b"A2B0": table, b"A2B1": table}
    return profiles.profile(tags, colours=b"CMYK", device=b"prtr", connection=b"Lab ")


def _press(form: str) -> Planted:
    return Planted(
        saved(_inks(_CORNER_INKS), form, icc_profile=_press_profile(), **({"quality": 98} if form == "JPEG" else {})), ()
    )


def _deep_rows(look: Look, *, grey: bool) -> bytes:
    """Rows of sixteen-bit samples: the upper byte is the colour, the lower one noise."""
    image = painted(look)
    rows = b""
    for y in range(SIZE[1]):
        row = image.crop((0, y, SIZE[0], y + 1)).tobytes()[:: 3 if grey else 1]
        rows += b"\x00" + b"".join(bytes([value, (value * 7 + y) % 256]) for value in row)
    return rows


def _deep_png(look: Look, *, grey: bool) -> Planted:
    return Planted(pngs.of_rows(_deep_rows(look, grey=grey), depth=16, colour=0 if grey else 2), ())


def _deep_wide_png() -> Planted:
    icc = profiles.rgb_profile(DISPLAY_P3)
    png = saved(Image.new("RGB", (1, 1)), "PNG", icc_profile=icc)
    at = png.index(b"iCCP")
    body = png[at + 4 : at + 4 + int.from_bytes(png[at - 4 : at], "big")]
    return Planted(pngs.of_rows(_deep_rows(CARD, grey=False), (b"iCCP", body), depth=16), _ICC_TEXTS)


def _deep_keyed(colour: int) -> Planted:
    """Nearly black, and transparent: the key has sixteen bits too."""
    samples = b"\x03\x09" * (3 if colour else 1)
    return Planted(pngs.of_rows((b"\x00" + samples * SIZE[0]) * SIZE[1], (b"tRNS", samples), depth=16, colour=colour), ())


def _deep_tiff(look: Look, *, grey: bool) -> Planted:
    rows, length = _deep_rows(look, grey=grey), 1 + SIZE[0] * (2 if grey else 6)
    samples = b"".join(rows[at + 1 : at + length] for at in range(0, len(rows), length))
    directory = tiffs.pixels((samples,), SIZE, bits=(16,) * (1 if grey else 3), photometric=1 if grey else 2, rows=SIZE[1])
    return Planted(stream(directory, ">"), ())


def _deep_grey_inverted() -> Planted:
    samples = painted(GREYS).convert("L").point([255 - value for value in range(256)]).tobytes()
    directory = tiffs.pixels((samples,), SIZE, bits=(8,), photometric=0, rows=SIZE[1])
    return Planted(stream(directory, "<"), ())


def _palette(form: str) -> Planted:
    return Planted(saved(painted(CARD).quantize(32, dither=Image.Dither.NONE), form), ())


def _in_mode(form: str, mode: str, look: Look) -> Planted:
    image = painted(look).convert(mode) if mode != "1" else painted(look).convert("L").point([0] * 128 + [255] * 128, "1")
    options: dict[str, object] = {"quality": 97} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    return Planted(saved(image, form, **options), ())


def _half_transparent() -> Planted:
    """Black at half strength on nothing: on white it is grey."""
    return Planted(saved(Image.new("RGBA", SIZE, (0, 0, 0, 128)), "PNG"), ())


def _keyed() -> Planted:
    """One colour of an RGB picture counts as transparent."""
    return Planted(saved(painted(BLACK_AND_WHITE), "PNG", transparency=(0, 0, 0)), ())


def _rgb_jpeg() -> Planted:
    """A JPEG whose three components are red, green and blue: Adobe's segment says so."""
    planes = painted(CARD).split()
    jpeg = io.BytesIO()
    Image.merge("YCbCr", planes).save(jpeg, "JPEG", quality=97, subsampling="4:4:4")
    content = jpeg.getvalue()
    adobe = jpegs.segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 0))
    return Planted(content[:2] + adobe + content[20:], ())


def _heic_unnamed_colours(form: str) -> Planted:
    """A profile and the encoder's own description, which contradict each other: the profile counts."""
    icc = profiles.rgb_profile(DISPLAY_P3)
    content = with_profile(form, painted(CARD), icc)
    return Planted(content + box(b"free", bytes(4)), _ICC_TEXTS)


def _by_exif_alone(form: str) -> Planted:
    """As cameras set to Adobe RGB write it: no profile, and in EXIF the colour space "uncalibrated" and "R03" (DCF 2.0)."""
    inner, shot, first = Directory(), Directory(), tiffs.picture(painted(CARD)) if form == "TIFF" else Directory()
    inner.add(0x0001, ASCII, b"R03\x00")
    shot.add(0xA001, SHORT, 0xFFFF)
    shot.add(0xA005, LONG, inner)
    first.add(0x8769, LONG, shot)
    block = stream(first, "<")
    match form:
        case "TIFF":
            return Planted(block, ())
        case "HEIF":
            file = taken_apart(saved(painted(CARD), form, quality=95))
            file.add(exif_item(block), reference=b"cdsc")
            return Planted(file.file(), ())
        case _:
            picture = saved(painted(CARD), "JPEG", quality=97, subsampling="4:4:4")
            return Planted(jpegs.dressed((0xE1, jpegs.EXIF_HEADER + block), jpeg=picture), ())


_P3_LOOK, _ADOBE_LOOK, _PROPHOTO_LOOK = (
    through(partial(profiles.to_srgb, space=space), CARD) for space in (DISPLAY_P3, ADOBE_RGB, PROPHOTO)
)
_TABLE_LOOK = through(
    partial(
        profiles.to_srgb,
        space=Space(red=DISPLAY_P3.red, green=DISPLAY_P3.green, blue=DISPLAY_P3.blue, curve=profiles.table(lambda v: v**1.8)),
    ),
    CARD,
)
_INK_LOOK: Look = tuple(tuple(inks_to_srgb(inks) for inks in row) for row in _INKS)
_PRESS_LOOK: Look = tuple(tuple(lab_to_srgb(_PAPER_LAB[inks]) for inks in row) for row in _CORNER_INKS)
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic", "AVIF": "avif", "TIFF": "tif"}

COLOURS: tuple[Specimen, ...] = (
    *(specimen(f"p3.{_ENDINGS[form]}", partial(_wide, form, DISPLAY_P3), look=_P3_LOOK) for form in _ENDINGS),
    *(specimen(f"adobe-rgb.{_ENDINGS[form]}", partial(_wide, form, ADOBE_RGB), look=_ADOBE_LOOK) for form in _ENDINGS),
    *(
        specimen(f"adobe-rgb-by-exif-alone.{_ENDINGS[form]}", partial(_by_exif_alone, form), look=CARD)
        for form in ("JPEG", "HEIF", "TIFF")
    ),
    specimen("prophoto.png", partial(_wide, "PNG", PROPHOTO), look=_PROPHOTO_LOOK),
    specimen("p3-alpha.png", _wide_with_alpha, look=_P3_LOOK),
    specimen("p3-behind-free-box.heic", partial(_heic_unnamed_colours, "HEIF"), look=_P3_LOOK),
    specimen("p3-tables.jpg", _tables, look=_TABLE_LOOK),
    specimen("p3-named-srgb.jpg", partial(_named, DISPLAY_P3, "sRGB IEC61966-2.1"), look=_P3_LOOK),
    specimen("srgb-named-p3.jpg", partial(_named, SRGB, "Display P3"), look=CARD),
    specimen("broken-profile.jpg", _broken_profile, look=CARD),
    specimen("foreign-profile.jpg", _foreign_profile, look=CARD),
    *(
        specimen(
            f"grey-gamma-{exponent}.{_ENDINGS[form]}",
            partial(_grey, form, exponent),
            look=through(partial(grey_to_srgb, exponent), GREYS),
        )
        for form in ("JPEG", "PNG", "TIFF")
        for exponent in (1.0, 1.8)
    ),
    specimen("cmyk.jpg", _cmyk_jpeg, look=_INK_LOOK),
    specimen("cmyk-ycck.jpg", _ycck_jpeg, look=_INK_LOOK),
    specimen("cmyk.tif", _cmyk_tiff, look=_INK_LOOK),
    specimen("cmyk-press.jpg", partial(_press, "JPEG"), look=_PRESS_LOOK),
    specimen("cmyk-press.tif", partial(_press, "TIFF"), look=_PRESS_LOOK),
    specimen("rgb.jpg", _rgb_jpeg, look=CARD),
    specimen("sixteen-bit.png", partial(_deep_png, CARD, grey=False), look=CARD),
    specimen("sixteen-bit-grey.png", partial(_deep_png, GREYS, grey=True), look=GREYS),
    specimen("sixteen-bit-p3.png", _deep_wide_png, look=_P3_LOOK),
    specimen("sixteen-bit.tif", partial(_deep_tiff, CARD, grey=False), look=CARD),
    specimen("sixteen-bit-grey.tif", partial(_deep_tiff, GREYS, grey=True), look=GREYS),
    specimen("white-is-zero.tif", _deep_grey_inverted, look=GREYS),
    *(
        specimen(f"palette.{ending}", partial(_palette, form), look=CARD)
        for form, ending in (("PNG", "png"), ("GIF", "gif"), ("TIFF", "tif"), ("BMP", "bmp"))
    ),
    *(
        specimen(f"one-bit.{ending}", partial(_in_mode, form, "1", BLACK_AND_WHITE), look=BLACK_AND_WHITE)
        for form, ending in (("PNG", "png"), ("TIFF", "tif"), ("BMP", "bmp"), ("GIF", "gif"))
    ),
    *(
        specimen(f"grey.{ending}", partial(_in_mode, form, "L", GREYS), look=GREYS)
        for form, ending in (("PNG", "png"), ("JPEG", "jpg"), ("TIFF", "tif"), ("BMP", "bmp"), ("WEBP", "webp"))
    ),
    *(
        specimen(f"grey-alpha.{ending}", partial(_in_mode, form, "LA", GREYS), look=GREYS)
        for form, ending in (("PNG", "png"), ("TIFF", "tif"))
    ),
    *(
        specimen(f"alpha.{ending}", partial(_in_mode, form, "RGBA", CARD), look=CARD)
        for form, ending in (("PNG", "png"), ("TIFF", "tif"), ("WEBP", "webp"), ("BMP", "bmp"))
    ),
    specimen("half-transparent.png", _half_transparent, look=(((127,) * 3,),)),
    specimen("keyed.png", _keyed, look=(((255,) * 3,),)),
    specimen("sixteen-bit-keyed.png", partial(_deep_keyed, 2), look=(((255,) * 3,),)),
    specimen("sixteen-bit-grey-keyed.png", partial(_deep_keyed, 0), look=(((255,) * 3,),)),
)
