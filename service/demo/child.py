"""A child, drawn: simple, cheerful, nobody in particular, and with a face that a face detector takes for one."""

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
_SOFTNESS: Final = 0.035
"""Blur of a face, as a share of its width: hard edges look like a sign, not like a face."""
_FINE: Final = 3
"""A face is drawn this many times too large, then made smaller: smooth edges at any size."""

LARGEST_HEAD: Final = 0.034
"""Width of a head as a share of the picture's longer side; a face detector takes a larger drawn face for a drawing."""


def draw_child(canvas: Canvas, name: str, x: float, y: float, head: float, *, lean: float = 0.0) -> None:
    """Draw the child of that name, the head centred on x, y and ``head`` across; ``lean`` puts the feet behind, as in running.

    Places and sizes are shares of the canvas. The same name always looks the same. Does NOT write the name.
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


class _Face:
    """A head being drawn on a square half as large again. Places and sizes are shares of the head's width, from its middle."""

    def __init__(self, hair: Colour, across: int) -> None:
        self._across, self._size = across * _FINE, round(1.5 * across) * _FINE
        self._picture = Image.new("RGB", (self._size, self._size), hair)
        self._draw = ImageDraw.Draw(self._picture)

    def oval(self, x: float, y: float, width: float, height: float, *, fill: Colour) -> None:
        """An ellipse by its middle and size."""
        self._draw.ellipse(self._box(x, y, width, height), fill)

    def slice(self, x: float, y: float, width: float, height: float, *, fill: Colour) -> None:
        """The lower part of an ellipse, cut off level: a smile."""
        self._draw.chord(self._box(x, y, width, height), 10, 170, fill=fill)

    def brow(self, x: float, y: float, width: float, height: float, *, fill: Colour) -> None:
        """The upper line of an ellipse."""
        self._draw.arc(self._box(x, y, width, height), 200, 340, fill=fill, width=max(1, self._across // 25))

    def finished(self) -> tuple[Image.Image, Image.Image]:
        """The picture at its size, and the outline of the head as a mask."""
        outline = Image.new("L", self._picture.size, 0)
        ImageDraw.Draw(outline).ellipse(self._box(0, -0.05, 1, 1.16), 255)
        soft = self._picture.filter(ImageFilter.GaussianBlur(_SOFTNESS * self._across))
        return soft.reduce(_FINE), outline.reduce(_FINE)

    def _box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        left, top = self._size / 2 + (x - width / 2) * self._across, self._size / 2 + (y - height / 2) * self._across
        return left, top, left + width * self._across, top + height * self._across


def _head(skin: Colour, hair: Colour, across: int) -> tuple[Image.Image, Image.Image]:
    """A smiling head ``across`` pixels wide, and its mask."""
    face = _Face(hair, across)
    face.oval(0, 0.06, 0.86, 1.02, fill=skin)
    for side in (-1, 1):
        face.oval(0.19 * side, -0.03, 0.26, 0.2, fill=_shade(skin, 0.82))
        face.brow(0.19 * side, -0.12, 0.26, 0.18, fill=_shade(skin, 0.4))
        face.oval(0.19 * side, -0.02, 0.19, 0.1, fill="#f7f5f0")
        face.oval(0.19 * side, -0.02, 0.105, 0.095, fill="#3a241a")
        face.oval(0.19 * side + 0.02, -0.035, 0.03, 0.03, fill="#ffffff")
        face.oval(0.28 * side, 0.2, 0.17, 0.13, fill=_shade(skin, 0.92))
    face.oval(0, 0.12, 0.1, 0.2, fill=_shade(skin, 1.07))
    face.oval(0, 0.185, 0.16, 0.075, fill=_shade(skin, 0.75))
    face.slice(0, 0.29, 0.4, 0.24, fill="#9c3f3f")
    face.slice(0, 0.28, 0.34, 0.13, fill="#f7f2ee")
    return face.finished()


def _shade(colour: Colour, share: float) -> Colour:
    """The colour made darker (below 1) or lighter."""
    red, green, blue = (min(255, round(part * share)) for part in ImageColor.getrgb(colour)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"
