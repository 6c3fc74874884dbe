"""The whole of what happens to one picture inside the sandbox: looked at, read for provenance, decoded, made anew."""

from service.imaging.decode import DECODER_TURNS, decode
from service.imaging.errors import ImagingError, Refusal
from service.imaging.provenance import Provenance, read_provenance
from service.imaging.renditions import Encoded, Sizes
from service.imaging.sanitise import renditions
from service.imaging.sniff import Sniffed, look


def clean(untrusted: bytes, sizes: Sizes) -> tuple[Provenance, tuple[Encoded, ...]]:
    """What the file said about itself, and its renditions, which are not yet proven clean.

    MUST run in a process that may die: decoders written in C read hostile bytes here.

    :raises ImagingError: any refusal that a look or a decoder gives; undecodable for whatever else a decoder raises
    """
    kind, layout = look(untrusted)
    sniffed = Sniffed(kind=kind, media_type=f"image/{kind}", width=layout.width, height=layout.height)
    try:
        provenance = read_provenance(kind, layout, untrusted)
        pixels = decode(untrusted, sniffed, long_side=max(size.long_side for size in sizes))
        orientation = 1 if kind in DECODER_TURNS else provenance.orientation
        return provenance, renditions(pixels, orientation=orientation, sizes=sizes)
    except Exception as raised:  # noqa: BLE001 - decoders raise anything: one reason at the border, and nothing of the file in it
        raise ImagingError(raised.reason if isinstance(raised, ImagingError) else Refusal.UNDECODABLE) from None
