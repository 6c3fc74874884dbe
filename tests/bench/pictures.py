"""Pictures as a camera of today makes them, for measuring: twelve megapixels, Display P3, with every kind of metadata."""

import random

from PIL import Image

from tests.service.imaging.dirty import dirty_heic, dirty_jpeg

SIZE = (4032, 3024)
_OCTAVES = (6, 16, 48, 144, 432, 1296, 4032)
"""Columns of random cells, from broad to fine: like a natural scene, the finer the fainter."""


def _noise(dice: random.Random, octaves: tuple[int, ...]) -> Image.Image:
    """Grey clouds with detail of every fineness."""
    whole = Image.new("L", SIZE, 128)
    for number, columns in enumerate(octaves, start=1):
        rows = columns * 3 // 4 or 1
        cells = Image.frombytes("L", (columns, rows), dice.randbytes(columns * rows))
        whole = Image.blend(
            whole, cells.resize(SIZE, Image.Resampling.BICUBIC), 1 / (number + 1) if number < 4 else 0.55 / number
        )
    return whole


def scene() -> Image.Image:
    """The same picture every time."""
    dice = random.Random(12)
    light = _noise(dice, _OCTAVES)
    grey = Image.new("L", SIZE, 128)
    blue, red = (Image.blend(grey, _noise(dice, _OCTAVES[:4]), 0.4) for _ in range(2))
    return Image.merge("YCbCr", (light, blue, red)).convert("RGB")


def camera_jpeg(image: Image.Image) -> bytes:
    """As a telephone writes it, lying on its side."""
    return dirty_jpeg(image, orientation=6, quality=92, subsampling="4:2:0")


def camera_heic(image: Image.Image) -> bytes:
    """As a tablet writes it."""
    return dirty_heic(image, quality=45)
