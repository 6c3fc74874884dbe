"""Colours told by a number or by primaries instead of a profile: made into a profile, so that there is one way to heed them.

By a number: PNG's cICP and the ``nclx`` of HEIC and AVIF (ITU-T H.273). By primaries: PNG's cHRM and gAMA (PNG, Third Edition,
section 4.3: cICP before a profile, a profile before sRGB, sRGB before these).
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from service.imaging.containers.layout import Part

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]
Spot = tuple[float, float]
"""A chromaticity: x and y of CIE 1931."""

_D65, _D50_XYZ = (0.3127, 0.3290), (0.9642, 1.0, 0.8249)
_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
"""Cone responses, in which one white is exchanged for another (ICC.1:2022, Annex E)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primaries:
    """What red, green, blue and white are."""

    red: Spot
    green: Spot
    blue: Spot
    white: Spot = _D65


SRGB = Primaries(red=(0.64, 0.33), green=(0.30, 0.60), blue=(0.15, 0.06))
_PRIMARIES = {
    1: SRGB,
    4: Primaries(red=(0.67, 0.33), green=(0.21, 0.71), blue=(0.14, 0.08), white=(0.310, 0.316)),
    5: Primaries(red=(0.64, 0.33), green=(0.29, 0.60), blue=(0.15, 0.06)),
    6: Primaries(red=(0.630, 0.340), green=(0.310, 0.595), blue=(0.155, 0.070)),
    7: Primaries(red=(0.630, 0.340), green=(0.310, 0.595), blue=(0.155, 0.070)),
    9: Primaries(red=(0.708, 0.292), green=(0.170, 0.797), blue=(0.131, 0.046)),
    11: Primaries(red=(0.680, 0.320), green=(0.265, 0.690), blue=(0.150, 0.060), white=(0.314, 0.351)),
    12: Primaries(red=(0.680, 0.320), green=(0.265, 0.690), blue=(0.150, 0.060)),
}
"""H.273, table 2. A number that is not here says nothing that we know, as 2 ("unspecified") does."""
_LIKE_SRGB = {1, 2, 6, 13, 14, 15}
"""H.273, table 3: sRGB itself, and the curves of cameras, which screens show by that of sRGB."""
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
_USUAL_GAMMA = 2.2
_NEAR = 0.03
_CHUNKS = {"cICP": 4, "sRGB": 1, "gAMA": 4, "cHRM": 32}
"""Chunks that tell of colours, and their length in bytes."""
_PARTS = 100_000
"""A number in gAMA and cHRM is so many times as large."""
_SAME_SPOT = 0.002


def of_png(parts: Iterable[Part], untrusted: bytes, profile: bytes | None) -> bytes | None:
    """The profile that holds for a PNG with these chunks; ``profile``: the one that it came with."""
    chunks = {part.name: part.of(untrusted) for part in parts if part.name in _CHUNKS}
    if len(chunks.get("cICP", b"")) == _CHUNKS["cICP"]:
        return profile_of_codes(chunks["cICP"][0], chunks["cICP"][1])
    if profile is not None or "sRGB" in chunks:
        return profile
    gamma = int.from_bytes(chunks["gAMA"], "big") if len(chunks.get("gAMA", b"")) == _CHUNKS["gAMA"] else 0
    return profile_of_primaries(_primaries(chunks.get("cHRM", b"")), _PARTS / gamma if gamma else None)


def of_boxes(parts: Iterable[Part], untrusted: bytes, profile: bytes | None) -> bytes | None:
    """The profile that holds for a HEIC or AVIF with these parts; ``profile``: the one that it came with."""
    codes = next((part.of(untrusted) for part in parts if part.name == "nclx"), b"")
    if profile is not None or len(codes) < 4:  # noqa: PLR2004 - two numbers of two bytes
        return profile
    return profile_of_codes(int.from_bytes(codes[:2], "big"), int.from_bytes(codes[2:4], "big"))


def _primaries(chunk: bytes) -> Primaries | None:
    """What a cHRM chunk says: white, red, green and blue."""
    if len(chunk) != _CHUNKS["cHRM"]:
        return None
    numbers = [one / _PARTS for one in struct.unpack(">8I", chunk)]
    white, red, green, blue = zip(numbers[::2], numbers[1::2], strict=True)
    found = Primaries(red=red, green=green, blue=blue, white=white)
    pairs = zip((found.white, found.red, found.green, found.blue), (_D65, SRGB.red, SRGB.green, SRGB.blue), strict=True)
    near = all(abs(one - other) < _SAME_SPOT for mine, usual in pairs for one, other in zip(mine, usual, strict=True))
    return None if near else found


def profile_of_codes(primaries: int, transfer: int) -> bytes | None:
    """A profile of the colours with these code points; None for sRGB and for what we do not know, which counts as sRGB."""
    if primaries not in _PRIMARIES or transfer not in _LIKE_SRGB | _GAMMAS.keys():
        return None
    return _profile(_PRIMARIES[primaries], _GAMMAS.get(transfer))


def profile_of_primaries(primaries: Primaries | None, gamma: float | None) -> bytes | None:
    """A profile of these primaries (None: sRGB's) and of light to the power of ``gamma`` (None: sRGB's curve).

    None for sRGB, and for numbers that no screen can have: those count as sRGB, as a broken profile does.
    """
    usual = gamma is None or abs(gamma - _USUAL_GAMMA) < _NEAR  # what programs write that mean sRGB
    return _profile(primaries or SRGB, None if usual else gamma)


def _profile(primaries: Primaries, gamma: float | None) -> bytes | None:
    if primaries == SRGB and gamma is None:
        return None
    try:
        columns = _colorants(primaries)
        tags = {
            b"wtpt": _xyz(_D50_XYZ),
            **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, columns), strict=True)),
            **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma)),
        }
    except (ArithmeticError, ValueError, struct.error):  # no such light: nothing by nothing, or beyond what a profile can say
        return None
    return _file(tags)


def _colorants(primaries: Primaries) -> Matrix:
    """XYZ of red, green and blue at full light, seen under the white of the profile connection space (D50)."""
    red, green, blue = (_xyz_of(one) for one in (primaries.red, primaries.green, primaries.blue))
    white = _xyz_of(primaries.white)
    light = _times(_inverse(_transposed((red, green, blue))), white)
    here, there = _times(_BRADFORD, white), _times(_BRADFORD, _D50_XYZ)

    def seen(spot: Row, share: float) -> Row:
        a, b, c = (cone * share / one * other for cone, one, other in zip(_times(_BRADFORD, spot), here, there, strict=True))
        return _times(_inverse(_BRADFORD), (a, b, c))

    return seen(red, light[0]), seen(green, light[1]), seen(blue, light[2])


def _xyz_of(spot: Spot) -> Row:
    x, y = spot
    return x / y, 1.0, (1 - x - y) / y


def _times(matrix: Matrix, row: Row) -> Row:
    a, b, c = (sum(one * other for one, other in zip(line, row, strict=True)) for line in matrix)
    return a, b, c


def _transposed(matrix: Matrix) -> Matrix:
    a, b, c = zip(*matrix, strict=True)
    return a, b, c


def _inverse(matrix: Matrix) -> Matrix:
    """By cofactors. Raises ZeroDivisionError if there is none."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    whole = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    first, second, third = ((x / whole, y / whole, z / whole) for x, y, z in cofactors)
    return first, second, third


def _fixed(*values: float) -> bytes:
    """Numbers as s15Fixed16. Raises struct.error for one that is too large."""
    return b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


def _xyz(row: Row) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*row)


def _curve(gamma: float | None) -> bytes:
    """A parametric curve: a plain power, or that of sRGB (ICC.1:2022, 10.18)."""
    if gamma is not None:
        return b"para" + bytes(4) + struct.pack(">HH", 0, 0) + _fixed(gamma)
    return b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def _file(tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile for a screen, version 4.3 (ICC.1:2022, 7)."""
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    kinds = (b"\x04\x30\x00\x00", b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = struct.pack(">I4x4s4s4s4s12x4s28x", start + len(body), *kinds) + _fixed(*_D50_XYZ)
    return head.ljust(128, b"\x00") + table + body
