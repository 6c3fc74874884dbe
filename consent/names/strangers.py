"""Does a text name nobody, whatever the register says? The same answer in every school, so that it tells nothing of any."""

import re
from typing import Final

from consent.names.fields import Action, Field
from consent.names.fold import fold
from consent.names.lexicon import Lexicon
from consent.names.matcher import Names
from consent.names.scrub import scrub

_CODES: Final = "sdr|hdr|dav|cof|oznor|mde|rbt|ptr|fbt|btf|bty|nor|vhdr|rhdr|edf|rpt"
"""What phones write of how they took a picture."""
_BY_PROGRAMS: Final = (
    r"(?:olympus|konica minolta|minolta|kodak|nikon|fujifilm|hp|pentax|ricoh|benq|sanyo|casio) digital (?:still )?camera",
    *(r"sony dsc", r"samsung(?: digital camera| camera pictures)?", r"exif[ _]jpeg(?:[ _]picture)?", r"camera phone"),
    *(r"dcim\\?\d*", r"dsc[_ ]?\d*", r"img[_ ]?\d*", rf"(?:{_CODES})(?:_(?:hdrb?|vivid|soft|standard|sdr|auto|src))*"),
    r"creator: gd-jpeg v\d[\d.]* \(using ijg jpeg v\d+\), (?:quality = \d+|default quality)",
    *(r"lavc\d[\d.]*", r"applemark", r"lead technologies inc\. v\d[\d.]*", r"intel\(r\) jpeg library, version [\[\]\d.]+"),
    *(r"file written by adobe photoshop[^a-z]{0,3} ?\d[\d.]*", r"created with (?:the )?gimp"),
    *(
        r"optimized by jpegmini [\d.]+(?: 0x[0-9a-f]+)?",
        r"xmp",
        r"(?:charset=)?ascii",
        r"screenshot",
        r"binary comment",
        r"image",
    ),
    r"(?:[\d .,:;/+\-]|(?<=\d)[tznesw](?![a-z]))*",  # numbers, dates, times, places on a map
)
_PROGRAM: Final = re.compile("|".join(f"(?:{one})" for one in _BY_PROGRAMS), flags=re.IGNORECASE)


def anybody(lexicon: Lexicon) -> Names:
    """The reading of a school without pupils: only what is known to be a word of no name is plain."""
    return Names.of((), lexicon=lexicon)


def names_nobody(text: str, field: Field, names: Names) -> bool:
    """True for what cameras and programs write by themselves, and for words that are known and name nobody.

    ``text``: in canonical form. ``names`` MUST be ``anybody``'s: then the answer depends on the text alone. A word by itself
    that is a forename too (Rose, Summer) may name somebody; one that is a family name only (Hill) may not.
    """
    if not text or _PROGRAM.fullmatch(text):
        return True
    done = scrub(text, field, names=names)
    may_be_one = fold(done.canonical) in names.lexicon.given - names.lexicon.places
    return done.action is Action.PUBLISH and not done.removed and not may_be_one
