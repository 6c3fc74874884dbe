"""The demonstration's pictures: they open, they are drawn for the pupils named, and they are dirty all over."""

import io
from functools import cache

import piexif
import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from service.demo.pictures import (
    KEYS,
    PERSONAL_PHONE,
    DemoPicture,
    camera_of,
    demo_picture,
    demo_pictures,
    shows_children,
)
from service.demo.scenes import WITHOUT_CHILDREN, Scene, draw

NAMES = ("Amelia Khan", "Oisín O'Brien-Lacey", "Zofia Wiśniewska", "Summer Rose & Joy")
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
SHOE = (0x1D, 0x1D, 0x25)


@cache
def picture(key: str) -> DemoPicture:
    return demo_picture(key, NAMES)


def opened(key: str) -> Image.Image:
    shown = picture(key)
    if shown.media_type == "image/heic":
        return pillow_heif.open_heif(shown.content, convert_hdr_to_8bit=False).to_pillow()
    image = Image.open(io.BytesIO(shown.content), formats=[FORMATS[shown.media_type]])
    image.load()
    return image


def tags(key: str) -> dict[str, dict[int, object]]:
    loaded: dict[str, dict[int, object]] = piexif.load(opened(key).info["exif"])
    return loaded


def shoes(image: Image.Image) -> int:
    """How many patches of the colour of shoes there are; two a child."""
    apart = ImageChops.difference(image, Image.new("RGB", image.size, SHOE)).convert("L")
    shown = apart.point([255] + [0] * 255)
    found = 0
    while (place := shown.tobytes().find(b"\xff")) >= 0:
        ImageDraw.floodfill(shown, (place % image.width, place // image.width), 0)
        found += 1
    return found


def test_there_is_one_picture_of_each_key() -> None:
    assert [shown.key for shown in demo_pictures(NAMES[:1])] == list(KEYS)


def test_every_format_a_school_sends_is_there() -> None:
    assert {picture(key).media_type for key in KEYS} == set(FORMATS)


@pytest.mark.parametrize("key", KEYS)
def test_a_picture_opens_and_is_large(key: str) -> None:
    image = opened(key)
    assert image.mode == "RGB"
    assert image.width * image.height > 1_000_000


@pytest.mark.parametrize("key", KEYS)
def test_every_canary_that_is_said_to_be_planted_is_there(key: str) -> None:
    shown = picture(key)
    assert [text for text in shown.planted if text not in shown.content] == []


@pytest.mark.parametrize("key", KEYS)
def test_every_pupils_name_and_the_place_are_among_the_canaries(key: str) -> None:
    planted = picture(key).planted
    assert {b"Amelia Khan", "Oisín O'Brien-Lacey".encode(), b"Summer Rose &amp; Joy"} <= set(planted)
    assert f"canary-{key}-place".encode() in planted


@pytest.mark.parametrize("key", KEYS)
def test_no_canary_is_so_short_that_pixels_could_hold_it_by_chance(key: str) -> None:
    assert min(map(len, picture(key).planted)) >= 6


@pytest.mark.parametrize("key", KEYS)
def test_the_file_is_named_after_a_pupil(key: str) -> None:
    assert picture(key).file_name.startswith("Amelia_Khan_")


@pytest.mark.parametrize("key", KEYS)
def test_exif_names_the_camera_the_place_and_the_pupil(key: str) -> None:
    exif, camera = tags(key), camera_of(key)
    assert exif["0th"][piexif.ImageIFD.Make] == camera.make.encode()
    assert exif["0th"][piexif.ImageIFD.Model] == camera.model.encode()
    assert exif["Exif"].get(piexif.ExifIFD.BodySerialNumber, b"") == camera.serial.encode()
    assert exif["Exif"][piexif.ExifIFD.UserComment] == b"UNICODE\0" + "Amelia Khan".encode("utf-16-be")
    assert exif["GPS"][piexif.GPSIFD.GPSLatitude] == ((50, 1), (12, 1), (3450, 100))


@pytest.mark.parametrize("key", KEYS)
def test_exif_carries_a_thumbnail_that_opens(key: str) -> None:
    thumbnail = piexif.load(opened(key).info["exif"])["thumbnail"]
    assert Image.open(io.BytesIO(thumbnail), formats=["JPEG"]).size == (160, 120)


@pytest.mark.parametrize("key", KEYS)
def test_xmp_names_every_face(key: str) -> None:
    info = opened(key).info
    xmp = info.get("xmp") or info["XML:com.adobe.xmp"].encode()
    assert xmp.count(b"<mwg-rs:Name>") == len(NAMES)


def test_a_jpeg_also_has_a_caption_a_comment_and_something_behind_its_end() -> None:
    image = opened("class-group")
    assert image.info["comment"] == b"canary-class-group-comment Amelia Khan"
    assert b"\x1c\x02\x78" in image.info["photoshop"][0x0404]
    assert picture("class-group").content.endswith(b"\xff\xd9canary-class-group-trailer Amelia Khan")


def test_a_png_also_has_words_of_its_own() -> None:
    info = opened("painting").info
    assert (info["Title"], info["Author"]) == ("canary-painting-text", "canary-painting-author Amelia Khan")


def test_the_sports_day_is_stored_sideways_and_says_so() -> None:
    stored = opened("sports-day")
    upright = ImageOps.exif_transpose(stored)
    assert (stored.size, upright.size) == ((2000, 1500), (1500, 2000))
    drawn = draw(Scene.SPORTS_DAY, NAMES, upright.size)
    for place in ((10, 10), (1490, 10), (750, 1990), (200, 700)):
        shown, meant = upright.getpixel(place), drawn.getpixel(place)
        assert isinstance(shown, tuple)
        assert isinstance(meant, tuple)
        assert max(abs(one - other) for one, other in zip(shown, meant, strict=True)) < 12


@pytest.mark.parametrize("key", ["portrait", "painting", "castle", "blocks"])
def test_the_same_names_give_the_same_bytes(key: str) -> None:
    assert demo_picture(key, NAMES) == picture(key)


def test_a_canary_of_one_picture_is_in_no_other() -> None:
    marks = [{text for text in picture(key).planted if text.startswith(b"canary-")} for key in KEYS]
    assert sum(map(len, marks)) == len(set().union(*marks))


@pytest.mark.parametrize("scene", [Scene.CLASS_GROUP, Scene.SPORTS_DAY, Scene.BLOCKS])
@pytest.mark.parametrize("children", [1, 3, 5])
def test_a_group_shows_one_child_a_name(scene: Scene, children: int) -> None:
    assert shoes(draw(scene, [f"Pupil {number}" for number in range(children)], (800, 600))) == 2 * children


def test_a_portrait_shows_the_first_child_alone() -> None:
    assert shoes(draw(Scene.PORTRAIT, NAMES, (800, 600))) == 2


@pytest.mark.parametrize("scene", sorted(WITHOUT_CHILDREN))
def test_nobody_is_in_a_picture_without_children(scene: Scene) -> None:
    assert shoes(draw(scene, NAMES, (800, 600))) == 0


def test_a_child_always_looks_the_same_and_two_children_differ() -> None:
    alone = draw(Scene.PORTRAIT, ["Amelia Khan"], (800, 600))
    assert draw(Scene.PORTRAIT, ["Amelia Khan", "Summer Rose"], (800, 600)).tobytes() == alone.tobytes()
    assert draw(Scene.PORTRAIT, ["Summer Rose"], (800, 600)).tobytes() != alone.tobytes()


def test_every_kind_of_device_and_of_scene_is_there() -> None:
    assert {camera_of(key).serial for key in KEYS} == {"", camera_of("class-group").serial}
    assert camera_of("personal-phone") == PERSONAL_PHONE
    assert {shows_children(key) for key in KEYS} == {True, False}
