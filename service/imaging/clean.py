"""The whole of what happens to one picture inside the jail: looked at, read for provenance, decoded, made plain."""

from PIL import Image

from service.imaging.decode import decode
from service.imaging.errors import ImagingError, Refusal
from service.imaging.provenance import Provenance, read_provenance
from service.imaging.sanitise import sanitise
from service.imaging.sniff import DECODER_TURNS, Sniffed, look


def clean(untrusted: bytes, *, long_side: int) -> tuple[Provenance, Image.Image]:
    """What the file said about itself, and the picture in mode RGB, its long side at most ``long_side``.

    MUST run in a process that may die: decoders written in C read hostile bytes here.

    :raises ImagingError: any refusal that a look or a decoder gives; undecodable for whatever else a decoder raises
    """
    kind, layout = look(untrusted)
    sniffed = Sniffed(kind=kind, media_type=f"image/{kind}", width=layout.width, height=layout.height)
    try:
        provenance = read_provenance(kind, layout, untrusted)
        pixels = decode(untrusted, sniffed, long_side=long_side)
        orientation = 1 if kind in DECODER_TURNS else provenance.orientation
        return provenance, sanitise(pixels, orientation=orientation, long_side=long_side)
    except Exception as raised:  # noqa: BLE001 - decoders raise anything: one reason at the border, and nothing of the file in it
        raise ImagingError(raised.reason if isinstance(raised, ImagingError) else Refusal.UNDECODABLE) from None
