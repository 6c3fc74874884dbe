"""The demonstration's pictures: drawn, and as dirty as what comes off a real camera, in every format a school sends."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from service.demo import dirt
from service.demo.canvas import Size
from service.demo.dirt import Block, Camera, Shot
from service.demo.scenes import WITHOUT_CHILDREN, Scene, draw

CLASS_CAMERA: Final = Camera(make="Lumenza", model="KidCam 12", serial="ELM-0421-7")
"""The camera allocated to Kestrel class. Invented."""
CLASS_TABLET: Final = Camera(make="Apple", model="iPad", serial="")
"""An iPad writes no serial number."""
PERSONAL_PHONE: Final = Camera(make="Pixelia", model="P7 Pro", serial="")
"""Somebody's own phone: no school device. Invented."""

_TAKEN_AT: Final = datetime(2026, 6, 18, 10, 15)  # noqa: DTZ001 - a camera's clock knows no zone
_UPRIGHT: Final = 1
_TURN_RIGHT: Final = 6
"""Exif: the upright picture is the stored one turned a quarter clockwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPicture:
    """One file as uploaded. ``file_name`` holds a pupil's name; no clean image may hold a byte string in ``planted``."""

    key: str
    file_name: str
    content: bytes
    media_type: str
    planted: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    content: bytes
    planted: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """How one picture is made. ``size`` is that of the upright picture; ``ending`` as the device spells it."""

    scene: Scene
    size: Size
    camera: Camera
    encode: Callable[[Shot, Image.Image], _File]
    media_type: str
    ending: str
    orientation: int = _UPRIGHT


def demo_picture(key: str, names: Sequence[str], *, taken_at: datetime = _TAKEN_AT) -> DemoPicture:
    """Draw one picture. The same arguments always give the same bytes.

    ``key`` is one of ``KEYS``. ``names``: full names of pupils, at least one and about 30 at most; a scene with children shows
    one child a name (the portrait only the first), and all the names are written into the metadata. ``taken_at``: what the
    camera's clock showed. Does NOT write a name into the pixels.
    """
    recipe = _RECIPES[key]
    shot = Shot(key=key, names=tuple(names), camera=recipe.camera, taken_at=taken_at, orientation=recipe.orientation)
    file = recipe.encode(shot, draw(recipe.scene, shot.names, recipe.size))
    owner = shot.names[0].replace(" ", "_")
    return DemoPicture(
        key=key,
        file_name=f"{owner}_{key.replace('-', '_')}.{recipe.ending}",
        content=file.content,
        media_type=recipe.media_type,
        planted=tuple(dict.fromkeys(file.planted)),
    )


def demo_pictures(names: Sequence[str], *, taken_at: datetime = _TAKEN_AT) -> tuple[DemoPicture, ...]:
    """Draw one picture of each key, in the order of ``KEYS``; see ``demo_picture``."""
    return tuple(demo_picture(key, names, taken_at=taken_at) for key in KEYS)


def shows_children(key: str) -> bool:
    """True if somebody can be seen in the picture of that key."""
    return _RECIPES[key].scene not in WITHOUT_CHILDREN


def camera_of(key: str) -> Camera:
    """The device that the picture of that key says it was taken with."""
    return _RECIPES[key].camera


def _jpeg(shot: Shot, upright: Image.Image) -> _File:
    stored = upright.transpose(Image.Transpose.ROTATE_90) if shot.orientation == _TURN_RIGHT else upright
    pixels = io.BytesIO()
    stored.save(pixels, "JPEG", quality=88)
    exif, xmp, iptc = dirt.exif(shot, upright), dirt.xmp(shot), dirt.iptc(shot)
    comment, trailer = dirt.remark(shot, "comment"), dirt.remark(shot, "trailer")
    segments = (
        (0xE1, exif.content),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp.content),
        (0xED, iptc.content),
        (0xFE, comment.content),
    )
    return _File(
        content=dirt.jpeg(pixels.getvalue(), segments, trailer.content),
        planted=_planted(exif, xmp, iptc, comment, trailer),
    )


def _png(shot: Shot, upright: Image.Image) -> _File:
    exif, xmp, author = dirt.exif(shot, upright), dirt.xmp(shot), dirt.remark(shot, "author")
    title = shot.canary("text")
    words = PngInfo()
    words.add_text("Title", title)
    words.add_itxt("Author", author.content.decode())
    words.add_itxt("XML:com.adobe.xmp", xmp.content.decode())
    out = io.BytesIO()
    upright.save(out, "PNG", compress_level=1, pnginfo=words, exif=exif.content)
    return _File(content=out.getvalue(), planted=(title.encode(), *_planted(exif, xmp, author)))


def _webp(shot: Shot, upright: Image.Image) -> _File:
    exif, xmp = dirt.exif(shot, upright), dirt.xmp(shot)
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=75, method=1, exif=exif.content, xmp=xmp.content)
    return _File(content=out.getvalue(), planted=_planted(exif, xmp))


def _heic(shot: Shot, upright: Image.Image) -> _File:
    exif, xmp = dirt.exif(shot, upright), dirt.xmp(shot)
    out = io.BytesIO()
    picture = pillow_heif.from_pillow(upright)
    picture.save(out, quality=50, exif=exif.content, xmp=xmp.content, enc_params={"preset": "ultrafast"})
    return _File(content=out.getvalue(), planted=_planted(exif, xmp))


def _planted(*blocks: Block) -> tuple[bytes, ...]:
    return tuple(text for block in blocks for text in block.planted)


def _from_camera(scene: Scene, size: Size, camera: Camera = CLASS_CAMERA, orientation: int = _UPRIGHT) -> _Recipe:
    return _Recipe(
        scene=scene, size=size, camera=camera, encode=_jpeg, media_type="image/jpeg", ending="JPG", orientation=orientation
    )


_RECIPES: Final[Mapping[str, _Recipe]] = MappingProxyType(
    {
        "class-group": _from_camera(Scene.CLASS_GROUP, (2000, 1500)),
        "sports-day": _from_camera(Scene.SPORTS_DAY, (1500, 2000), orientation=_TURN_RIGHT),
        "portrait": _from_camera(Scene.PORTRAIT, (1800, 1350)),
        "garden": _from_camera(Scene.GARDEN, (2048, 1365)),
        "personal-phone": _from_camera(Scene.SPORTS_DAY, (2000, 1125), camera=PERSONAL_PHONE),
        "painting": _Recipe(
            scene=Scene.PAINTING,
            size=(1600, 1200),
            camera=CLASS_TABLET,
            encode=_png,
            media_type="image/png",
            ending="png",
        ),
        "castle": _Recipe(
            scene=Scene.CASTLE,
            size=(1920, 1440),
            camera=CLASS_CAMERA,
            encode=_webp,
            media_type="image/webp",
            ending="webp",
        ),
        "blocks": _Recipe(
            scene=Scene.BLOCKS,
            size=(1280, 960),
            camera=CLASS_TABLET,
            encode=_heic,
            media_type="image/heic",
            ending="HEIC",
        ),
    }
)

KEYS: Final = tuple(_RECIPES)
"""Every picture there is."""
