"""A child, drawn: simple, cheerful, nobody in particular, and with a face that a face detector takes for one."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFilter

from service.demo.canvas import Canvas, Colour

_SKIN_AND_HAIR: Final = (
    ("#fbe0cc", "#c99a4a"),
    ("#fbe0cc", "#a33b1f"),
    ("#f1c9a5", "#7a4a22"),
    ("#f1c9a5", "#14110f"),
    ("#dcab7f", "#2a1a12"),
    ("#b98055", "#2a1a12"),
    ("#9a6640", "#14110f"),
    ("#7a4c30", "#14110f"),
)
_JUMPER: Final = ("#1f4e8c", "#b3262e", "#2e7d4f", "#6a3d9a", "#d98a1c", "#16808a")
_SOFTNESS: Final = 0.045
"""Blur of a face, as a share of its width: hard edges look like a sign, not like a face."""


def draw_child(canvas: Canvas, name: str, x: float, y: float, head: float, *, lean: float = 0.0) -> None:
    """Draw the child of that name, the head centred on x, y and ``head`` across; ``lean`` puts the feet behind, as in running.

    The same name always looks the same. Does NOT write the name.
    """
    digest = sha256(name.encode()).digest()
    skin, hair = _SKIN_AND_HAIR[digest[0] % len(_SKIN_AND_HAIR)]
    _body(canvas, skin, _JUMPER[digest[1] % len(_JUMPER)], (x, y, head), lean)
    face, mask = _head(skin, hair, round(head * canvas.width))
    canvas.stamp(x, y, face, mask)


def _body(canvas: Canvas, skin: Colour, jumper: Colour, place: tuple[float, float, float], lean: float) -> None:
    x, y, head = place
    tall = head * canvas.width / canvas.height
    hip, foot = y + 2.0 * tall, y + 3.1 * tall
    for side in (-0.25, 0.25):
        stride = lean * (4 * side - 1)
        canvas.stroke([(x + side * head, hip - 0.1 * tall), (x + (side + stride) * head, foot)], "#3c3f58", 0.3 * head)
        canvas.disc(x + (side + stride) * head, foot, 0.42 * head, "#1d1d25")
        hand = x + (3.2 * side - stride) * head
        canvas.stroke([(x + 2 * side * head, y + 0.8 * tall), (hand, y + 1.7 * tall)], jumper, 0.27 * head)
        canvas.disc(hand, y + 1.75 * tall, 0.28 * head, skin)
    canvas.rectangle(x - 0.12 * head, y + 0.3 * tall, x + 0.12 * head, y + 0.7 * tall, _shade(skin, 0.85))
    canvas.rectangle(x - 0.55 * head, y + 0.55 * tall, x + 0.55 * head, hip, jumper, radius=round(0.25 * head * canvas.width))


def _head(skin: Colour, hair: Colour, across: int) -> tuple[Image.Image, Image.Image]:
    """The head and its outline, ``across`` pixels wide, on a square that leaves room for the blur."""
    size = round(1.5 * across)
    picture, mask = Image.new("RGB", (size, size), hair), Image.new("L", (size, size), 0)

    def oval(draw: ImageDraw.ImageDraw) -> Callable[[float, float, float, float, int | Colour], None]:
        """Ovals by centre and size, in shares of the head's width from its middle."""

        def put(x: float, y: float, width: float, height: float, fill: int | Colour) -> None:
            left, top = size / 2 + (x - width / 2) * across, size / 2 + (y - height / 2) * across
            draw.ellipse((left, top, left + width * across, top + height * across), fill)

        return put

    outline, feature = oval(ImageDraw.Draw(mask)), oval(ImageDraw.Draw(picture))
    outline(0, -0.05, 1, 1.2, 255)
    feature(0, 0.04, 0.84, 1.08, skin)
    for side in (-1, 1):
        feature(0.18 * side, -0.2, 0.25, 0.07, _shade(skin, 0.45))
        feature(0.18 * side, -0.03, 0.22, 0.16, _shade(skin, 0.75))
        feature(0.18 * side, -0.02, 0.17, 0.1, "#f2f0ea")
        feature(0.18 * side, -0.02, 0.09, 0.1, "#32201a")
        feature(0.27 * side, 0.2, 0.16, 0.12, _shade(skin, 0.92))
    feature(0, 0.12, 0.11, 0.24, _shade(skin, 1.08))
    feature(0, 0.19, 0.17, 0.08, _shade(skin, 0.75))
    feature(0, 0.35, 0.32, 0.13, "#af4b4b")
    feature(0, 0.335, 0.24, 0.05, "#f5f0eb")
    soft = ImageFilter.GaussianBlur(_SOFTNESS * across)
    return picture.filter(soft), mask.filter(ImageFilter.GaussianBlur(1))


def _shade(colour: Colour, share: float) -> Colour:
    """The colour made darker (below 1) or lighter."""
    red, green, blue = (min(255, round(part * share)) for part in ImageColor.getrgb(colour)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"
