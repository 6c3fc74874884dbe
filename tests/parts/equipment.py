"""What a school has to take pictures with, and what people do about it: enrol, put right, allow, wipe."""

import struct
import zlib
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

import piexif
from PIL import Image

from storage.users import Role
from tests.parts.world import Answer, World, picture

CAMERA: Final = {"label": "Robin camera", "kind": "camera", "make": "Nikon", "model": "D3500", "serial": "0042"}
IPAD: Final = {"label": "Robin iPad", "kind": "tablet", "make": "Apple", "model": "iPad (9th generation)"}
PHONE: Final = {"label": "Mrs Frost's phone", "kind": "phone", "owner": "personal", "make": "Pixelia", "model": "P7"}
ROBIN: Final[dict[str, Any]] = {"reg_groups": ["Robin"]}


def taken_with(make: str = "", model: str = "", serial: str = "", *, seed: int = 0) -> tuple[str, bytes]:
    """A picture as a camera writes it."""
    about: dict[str, dict[int, object]] = {"0th": {}, "Exif": {}}
    if make:
        about["0th"] |= {piexif.ImageIFD.Make: make, piexif.ImageIFD.Model: model}
    if serial:
        about["Exif"] |= {piexif.ExifIFD.BodySerialNumber: serial}
    out = BytesIO()
    with Image.open(BytesIO(picture(seed))) as image:
        image.save(out, "JPEG", exif=piexif.dump(about))
    return "IMG_0001.JPG", out.getvalue()


def unreadable() -> tuple[str, bytes]:
    """A picture whose EXIF is cut off in the middle."""
    whole = picture()
    block = b"Exif\0\0II*\0\xf0\xff\xff\xff"
    return "IMG_0002.JPG", whole[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + whole[2:]


def undecodable_png() -> bytes:
    """A PNG whose every part is whole and rightly summed, and whose pixels are no pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    heading = struct.pack(">2I5B", 64, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", heading) + chunk(b"IDAT", b"no pixels" * 20) + chunk(b"IEND", b"")


NIKON: Final = taken_with("NIKON CORPORATION", "NIKON D3500", "0042")
PIXELIA: Final = taken_with("Pixelia", "P7")
APPLE: Final = taken_with("Apple", "iPad (9th generation)")


def enrols(world: World, device: dict[str, Any], *, role: Role = Role.OFFICE, **facts: Any) -> str:
    answer = world.client.post("/v1/devices", json=device | facts, headers=world.as_role(role))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def changes(world: World, device: str, **facts: Any) -> Answer:
    return world.client.patch(f"/v1/devices/{device}", json=facts, headers=world.as_role(Role.OFFICE))


def allows(world: World, *, days: float = 7, **scope: Any) -> Answer:
    """The headteacher grants an exception from now on."""
    now = world.clock.now
    body = {"reason": "The camera broke on the trip.", "valid_from": now.isoformat()} | scope
    body.setdefault("valid_until", (now + timedelta(days=days)).isoformat())
    return world.client.post("/v1/device-exceptions", json=body, headers=world.as_role(Role.HEAD))


def withdraws(world: World, exception: str) -> None:
    answer = world.client.post(f"/v1/device-exceptions/{exception}/withdraw", headers=world.as_role(Role.HEAD))
    assert answer.status_code == 204, answer.text
    world.works()


def device_of(world: World, photo: str, role: Role = Role.TEACHER) -> dict[str, Any]:
    return dict(world.photo(photo, role=role)["device"])


def receipts(world: World, device: str, day: str = "") -> dict[str, Any]:
    asked = {"day": day} if day else {}
    answer = world.client.get(f"/v1/devices/{device}/receipts", params=asked, headers=world.as_role(Role.TEACHER))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def wipes(world: World, device: str, originals: int, day: str = "", *, headers: dict[str, str] | None = None) -> Answer:
    """Somebody, Robin's teacher if nobody else is named, says that they deleted a day's originals from a device."""
    body = {"day": day or world.clock.now.date().isoformat(), "originals": originals}
    return world.client.post(f"/v1/devices/{device}/wipes", json=body, headers=headers or world.as_role(Role.TEACHER))


def overdue(world: World, role: Role = Role.OFFICE) -> list[tuple[str, str, int]]:
    answer = world.client.get("/v1/devices/overdue", headers=world.as_role(role))
    assert answer.status_code == 200, answer.text
    return [(one["device"], one["day"], one["originals"]) for one in answer.json()["items"]]
