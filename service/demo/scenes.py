"""Cheerful pictures of school life, drawn and not photographed: nobody in them exists. Pixels only."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from PIL import Image

from service.demo.canvas import Canvas, Size
from service.demo.child import LARGEST_HEAD, draw_child

_BRIGHT: Final = ("#e63946", "#f4a261", "#f6d743", "#2a9d8f", "#457b9d", "#9b5de5", "#ff70a6")
_INK: Final = "#30241c"


class Scene(StrEnum):
    """What a picture shows."""

    CLASS_GROUP = "class-group"
    SPORTS_DAY = "sports-day"
    PORTRAIT = "portrait"
    BLOCKS = "blocks"
    PAINTING = "painting"
    CASTLE = "castle"
    GARDEN = "garden"


WITHOUT_CHILDREN: Final = frozenset({Scene.PAINTING, Scene.CASTLE, Scene.GARDEN})


def draw(scene: Scene, children: Sequence[str], size: Size) -> Image.Image:
    """Draw a scene with these children, upright, ``size`` pixels. The same name always looks the same; no name is written."""
    canvas = Canvas(size)
    _PAINTERS[scene](canvas, children)
    return canvas.image


def _outdoors(canvas: Canvas, horizon: float) -> None:
    canvas.wash("#7cc4f2", "#d9f0fb", 0, horizon)
    canvas.wash("#8fcf63", "#4f9a3c", horizon, 1)
    canvas.disc(0.88, 0.13, 0.11, "#ffe066")
    for x, y in ((0.15, 0.12), (0.48, 0.08), (0.68, 0.18)):
        for step in range(3):
            canvas.disc(x + 0.035 * step, y - 0.02 * (step % 2), 0.07, "#ffffff")


def _row(canvas: Canvas, children: Sequence[str], y: float, *, lean: float = 0.0, wave: float = 0.0) -> None:
    """Children side by side in the middle, their heads at y; every other one lower by ``wave``."""
    head = LARGEST_HEAD * max(canvas.width, canvas.height) / canvas.width
    step = min(2.3 * head, 0.92 / max(len(children), 1))
    for place, name in enumerate(children):
        x = 0.5 + (place - (len(children) - 1) / 2) * step
        draw_child(canvas, name, x, y + wave * (place % 2), min(head, 0.7 * step), lean=lean)


def _class_group(canvas: Canvas, children: Sequence[str]) -> None:
    _outdoors(canvas, 0.6)
    canvas.rectangle(0.06, 0.22, 0.94, 0.64, "#efe6d2")
    for place in range(6):
        canvas.rectangle(0.1 + 0.14 * place, 0.3, 0.19 + 0.14 * place, 0.46, "#8fc4e8", radius=12)
    for place in range(14):
        left = 0.06 + 0.063 * place
        canvas.shape([(left, 0.22), (left + 0.06, 0.22), (left + 0.03, 0.28)], _BRIGHT[place % len(_BRIGHT)])
    half = len(children) // 2
    _row(canvas, children[:half], 0.56)
    _row(canvas, children[half:], 0.7)


def _sports_day(canvas: Canvas, children: Sequence[str]) -> None:
    _outdoors(canvas, 0.4)
    canvas.shape([(0.3, 0.4), (0.7, 0.4), (1.05, 1), (-0.05, 1)], "#9fb4c7")
    for lane in range(5):
        canvas.stroke([(0.32 + 0.09 * lane, 0.4), (0.275 * lane - 0.05, 1)], "#ffffff", 0.006)
    for place in range(9):
        x = 0.11 * place + 0.06
        canvas.stroke([(x, 0.3), (x, 0.4)], "#ffffff", 0.006)
        canvas.shape([(x, 0.3), (x + 0.06, 0.32), (x, 0.34)], _BRIGHT[place % len(_BRIGHT)])
    _row(canvas, children, 0.54, lean=0.35, wave=0.08)


def _portrait(canvas: Canvas, children: Sequence[str]) -> None:
    canvas.wash("#f3e9d2", "#dcc9a3", 0, 0.78)
    canvas.wash("#a9744a", "#8a5a36", 0.78, 1)
    for place in range(10):
        x, y = 0.06 + 0.184 * (place % 5), 0.08 + 0.27 * (place // 5)
        canvas.rectangle(x, y, x + 0.14, y + 0.2, _BRIGHT[place % len(_BRIGHT)], radius=18)
    canvas.shape([(0.6, 0.92), (0.68, 0.5), (0.7, 0.5), (0.78, 0.92), (0.76, 0.92), (0.69, 0.6), (0.62, 0.92)], "#6b4423")
    canvas.rectangle(0.6, 0.52, 0.78, 0.75, "#fffdf5", radius=6)
    canvas.disc(0.69, 0.64, 0.08, "#f6d743")
    _row(canvas, children[:1], 0.64)


def _blocks(canvas: Canvas, children: Sequence[str]) -> None:
    canvas.wash("#fff4d6", "#ffe8b0", 0, 0.55)
    canvas.wash("#6fb7b0", "#3f8f8a", 0.55, 1)
    for place in range(5):
        canvas.rectangle(0.08 + 0.18 * place, 0.1, 0.2 + 0.18 * place, 0.3, _BRIGHT[(place + 3) % len(_BRIGHT)], radius=12)
    _row(canvas, children, 0.5, wave=0.03)
    for place in range(18):
        x, y = 0.06 + 0.15 * (place % 6), 0.97 - 0.08 * (place // 6)
        canvas.rectangle(x, y - 0.075, x + 0.07 + 0.02 * (place % 3), y, _BRIGHT[place % len(_BRIGHT)], radius=8)


def _painting(canvas: Canvas, _: Sequence[str]) -> None:
    canvas.wash("#cfd8dc", "#b0bec5", 0, 1)
    canvas.rectangle(0.1, 0.08, 0.9, 0.92, "#fffdf5", radius=6)
    for band, colour in enumerate(_BRIGHT):
        canvas.bow(0.5, 0.66, 0.62 - 0.05 * band, (180, 360), fill=colour, width=0.026)
    canvas.rectangle(0.15, 0.66, 0.85, 0.87, "#7bc950")
    canvas.rectangle(0.42, 0.5, 0.58, 0.7, "#f4a261")
    canvas.shape([(0.39, 0.5), (0.61, 0.5), (0.5, 0.36)], "#b3262e")
    canvas.rectangle(0.48, 0.6, 0.52, 0.7, "#5d3a22")
    for place in range(9):
        x = 0.19 + 0.078 * place
        canvas.stroke([(x, 0.84), (x, 0.76)], "#2e7d4f", 0.006)
        canvas.shape([(x - 0.02, 0.76), (x, 0.72), (x + 0.02, 0.76), (x, 0.78)], _BRIGHT[(place * 3) % len(_BRIGHT)])


def _castle(canvas: Canvas, _: Sequence[str]) -> None:
    canvas.wash("#e6eef5", "#c5d4e0", 0, 0.7)
    canvas.wash("#b98a5a", "#8a6238", 0.7, 1)
    canvas.rectangle(0.25, 0.42, 0.75, 0.82, "#b7a994")
    for left, top in ((0.18, 0.3), (0.42, 0.24), (0.66, 0.3)):
        canvas.rectangle(left, top, left + 0.16, 0.84, "#a3947e")
        for tooth in range(3):
            canvas.rectangle(left + 0.06 * tooth, top - 0.05, left + 0.06 * tooth + 0.035, top + 0.02, "#a3947e")
        canvas.stroke([(left + 0.08, top), (left + 0.08, top - 0.15)], _INK, 0.005)
        canvas.shape([(left + 0.08, top - 0.15), (left + 0.15, top - 0.12), (left + 0.08, top - 0.09)], "#e63946")
        canvas.rectangle(left + 0.065, top + 0.13, left + 0.095, top + 0.24, "#3b342b", radius=14)
    canvas.rectangle(0.45, 0.66, 0.55, 0.84, "#5d3a22", radius=40)


def _garden(canvas: Canvas, _: Sequence[str]) -> None:
    _outdoors(canvas, 0.45)
    for row in range(3):
        canvas.rectangle(0.08, 0.52 + 0.16 * row, 0.92, 0.63 + 0.16 * row, "#6b4423", radius=30)
        for place in range(10):
            x, y = 0.12 + 0.083 * place, 0.56 + 0.16 * row
            for leaf in (-0.022, 0, 0.022):
                canvas.shape([(x, y + 0.02), (x + leaf - 0.008, y - 0.06), (x + leaf + 0.008, y - 0.06)], "#2e9d4f")
            canvas.shape([(x - 0.014, y + 0.02), (x + 0.014, y + 0.02), (x, y + 0.06)], _BRIGHT[row])


_PAINTERS: Final[Mapping[Scene, Callable[[Canvas, Sequence[str]], None]]] = MappingProxyType(
    {
        Scene.CLASS_GROUP: _class_group,
        Scene.SPORTS_DAY: _sports_day,
        Scene.PORTRAIT: _portrait,
        Scene.BLOCKS: _blocks,
        Scene.PAINTING: _painting,
        Scene.CASTLE: _castle,
        Scene.GARDEN: _garden,
    }
)
