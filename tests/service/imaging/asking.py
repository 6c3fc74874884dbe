"""Asking a sandbox: what the tests of the sandbox have in common."""

import pytest

from service.imaging import FULL_SIZE, Encoded, ImagingError, Provenance, Refusal, RenditionSize, Sandbox, Sizes
from service.imaging.clean import clean
from service.imaging.encode import encode
from service.imaging.raster import raster_of
from tests.service.imaging.dirty import drawing, saved

SIZES = (RenditionSize(name="32", long_side=32), FULL_SIZE)
PICTURE = saved(drawing(96, 64), "PNG")


def reason(sandbox: Sandbox, untrusted: bytes = PICTURE) -> Refusal:
    with pytest.raises(ImagingError) as refused:
        sandbox.clean(untrusted, SIZES)
    return refused.value.reason


def works(sandbox: Sandbox) -> bool:
    return [(one.name, one.width) for one in sandbox.clean(PICTURE, SIZES).image.renditions] == [("32", 32), ("full", 96)]


def unjailed(untrusted: bytes, sizes: Sizes) -> tuple[Provenance, tuple[Encoded, ...]]:
    """What a sandbox does, here in this process, up to the proof."""
    provenance, image = clean(untrusted, long_side=max(size.long_side for size in sizes))
    return provenance, encode(raster_of(image), sizes)
