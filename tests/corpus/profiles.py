"""Colour profiles written byte by byte, and what their numbers mean by the textbook: no colour library stands behind either.

All colours here are XYZ at D50, the profile connection space (ICC.1:2022).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.corpus.canaries import canary
from tests.corpus.specimens import Colour

Triple = tuple[float, float, float]

WHITE: Triple = (0.9642, 1.0, 0.8249)
XYZ_TO_SRGB = ((3.1338561, -1.6168667, -0.4906146), (-0.9787684, 1.9161415, 0.0334540), (0.0719453, -0.2289914, 1.4052427))
"""Bradford-adapted to D50 (B. Lindbloom)."""


def fixed(*values: float) -> bytes:
    """Numbers as s15Fixed16."""
    return b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A tone curve: its bytes in a profile, and the linear light (0 to 1) of a stored value (0 to 1)."""

    encoded: bytes
    light: Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """An RGB space: the XYZ of its three primaries, and its curve."""

    red: Triple
    green: Triple
    blue: Triple
    curve: Curve


def srgb_light(value: float) -> float:
    """The curve of sRGB."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def gamma(exponent: float) -> Curve:
    """A pure power, to the precision that a profile of one number has."""
    steps = round(exponent * 256)
    encoded = b"curv" + bytes(4) + struct.pack(">IH", 1, steps)
    return Curve(encoded=encoded, light=lambda value: float(value ** (steps / 256)))


def table(light: Callable[[float], float], *, points: int = 1024) -> Curve:
    """A curve as a table."""
    values = [round(65_535 * light(point / (points - 1))) for point in range(points)]
    return Curve(encoded=b"curv" + bytes(4) + struct.pack(f">I{points}H", points, *values), light=light)


SRGB_CURVE = Curve(
    encoded=b"para" + bytes(4) + struct.pack(">HH", 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    light=srgb_light,
)
SRGB = Space(
    red=(0.43607, 0.22249, 0.01392), green=(0.38515, 0.71687, 0.09708), blue=(0.14307, 0.06061, 0.71410), curve=SRGB_CURVE
)
DISPLAY_P3 = Space(
    red=(0.51512, 0.24120, -0.00105), green=(0.29198, 0.69225, 0.04189), blue=(0.15710, 0.06657, 0.78407), curve=SRGB_CURVE
)
ADOBE_RGB = Space(
    red=(0.60974, 0.31111, 0.01947), green=(0.20528, 0.62567, 0.06087), blue=(0.14919, 0.06322, 0.74457), curve=gamma(2.19921875)
)
PROPHOTO = Space(red=(0.79767, 0.28804, 0.0), green=(0.13519, 0.71188, 0.0), blue=(0.03134, 0.00009, 0.82491), curve=gamma(1.8))


def to_srgb(colour: Colour, space: Space) -> Colour:
    """What a colour of the space is in sRGB, by the textbook; what sRGB cannot show is cut off."""
    light = [space.curve.light(value / 255) for value in colour]
    middle = [sum(a * b for a, b in zip(row, light, strict=True)) for row in zip(space.red, space.green, space.blue, strict=True)]
    red, green, blue = (sum(a * b for a, b in zip(row, middle, strict=True)) for row in XYZ_TO_SRGB)
    return encoded(red), encoded(green), encoded(blue)


def encoded(light: float) -> int:
    """Linear light as a stored value of sRGB, 0 to 255."""
    light = min(1.0, max(0.0, light))
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def words(text: str) -> bytes:
    """A text tag."""
    name = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"GB", len(name), 28) + name


def rgb_profile(space: Space, *, name: str | None = None, holder: str | None = None) -> bytes:
    """A matrix profile of the space. Its name and its copyright notice are canaries, if nothing else is asked for."""
    return profile(
        {
            b"desc": words(name or canary("icc-desc")),
            b"cprt": words(holder or canary("icc-cprt")),
            b"wtpt": b"XYZ " + bytes(4) + fixed(*WHITE),
            b"rXYZ": b"XYZ " + bytes(4) + fixed(*space.red),
            b"gXYZ": b"XYZ " + bytes(4) + fixed(*space.green),
            b"bXYZ": b"XYZ " + bytes(4) + fixed(*space.blue),
            b"rTRC": space.curve.encoded,
            b"gTRC": space.curve.encoded,
            b"bTRC": space.curve.encoded,
        }
    )


def grey_profile(curve: Curve) -> bytes:
    """A profile for grey pictures."""
    text = {b"desc": words(canary("icc-desc")), b"cprt": words(canary("icc-cprt"))}
    return profile({**text, b"wtpt": b"XYZ " + bytes(4) + fixed(*WHITE), b"kTRC": curve.encoded}, colours=b"GRAY")


def profile(tags: dict[bytes, bytes], *, colours: bytes = b"RGB ", device: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """A profile of any tags."""
    directory, content = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for tag, body in tags.items():
        directory += tag + struct.pack(">II", start + len(content), len(body))
        content += body + bytes(-len(body) % 4)
    length = start + len(content)
    head = struct.pack(">I4sI4s4s4s12s4s", length, bytes(4), 0x04300000, device, colours, connection, bytes(12), b"acsp")
    return (head.ljust(68, b"\x00") + fixed(*WHITE)).ljust(128, b"\x00") + struct.pack(">I", len(tags)) + directory + content


def with_tail(icc: bytes, place: str) -> bytes:
    """The profile with a canary behind its last tag, inside its own length."""
    tail = canary(place).encode()
    tail += bytes(-len(tail) % 4)
    return struct.pack(">I", len(icc) + len(tail)) + icc[4:] + tail
