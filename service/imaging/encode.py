"""Raw pixels -> new files, made from nothing else. Runs outside the jail, since raw pixels can do no harm to an encoder.

Pillow copies metadata by default when it saves (comments, XMP, profiles), so what is saved is always a new image that never
was a file. The same pixels give the same bytes.
"""

import hashlib
import io

from PIL import Image, JpegImagePlugin

from service.imaging.raster import Raster
from service.imaging.renditions import QUALITY, Encoded, Sizes, fitted

_FORMAT = JpegImagePlugin.JpegImageFile.format
"""Imported here, once, so that saving makes Pillow load no plugin of another format."""


def encode(raster: Raster, sizes: Sizes) -> tuple[Encoded, ...]:
    """One JPEG file for each size, in the same order; none is larger than the picture."""
    current = Image.frombytes("RGB", (raster.width, raster.height), raster.pixels)
    made: dict[str, Encoded] = {}
    for size in sorted(sizes, key=lambda size: size.long_side, reverse=True):
        target = fitted(raster.width, raster.height, size.long_side)
        if current.size != target:
            current = current.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
        content = _encoded(current)
        digest = hashlib.sha256(content).hexdigest()
        made[size.name] = Encoded(name=size.name, width=target[0], height=target[1], content=content, sha256=digest)
    return tuple(made[size.name] for size in sizes)


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, _FORMAT, quality=QUALITY, subsampling="4:2:0", optimize=False, progressive=False)
    return buffer.getvalue()
