"""The demonstration's devices: enrolled before the first picture, and wiped at the end of the day."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from service.demo.dirt import Camera
from service.demo.pictures import CLASS_CAMERA, CLASS_TABLET, PERSONAL_PHONE, camera_of
from service.demo.stage import Stage
from storage.users import Role

_REGISTER: Final[Mapping[Camera, Mapping[str, object]]] = MappingProxyType(
    {
        CLASS_CAMERA: {"label": "Kestrel camera", "kind": "camera", "reg_groups": ["Kestrel"]},
        CLASS_TABLET: {"label": "Early years iPad", "kind": "tablet", "reg_groups": ["Robin", "Wren"]},
        PERSONAL_PHONE: {"label": "A teacher's own phone", "kind": "phone", "owner": "personal"},
    }
)


def enrol(stage: Stage) -> None:
    """The office enrols the school's devices, and notes a personal one."""
    for camera, facts in _REGISTER.items():
        marks = {"make": camera.make, "model": camera.model} | ({"serial": camera.serial} if camera.serial else {})
        done = stage.people[Role.OFFICE].send("POST", "/v1/devices", {**facts, **marks})
        stage.check(f"{facts['label']} is in the device register", true=done.succeeded)
        stage.devices[camera] = done.body["id"]


def wipe(stage: Stage) -> None:
    """The teacher compares the day's list with the card, deletes the pictures from it, and says so."""
    address = f"/v1/devices/{stage.devices[CLASS_CAMERA]}"
    teacher = stage.people[Role.TEACHER]
    day = datetime.now(UTC).date().isoformat()
    listed = teacher.get(f"{address}/receipts?day={day}").body["items"]
    sent = {stage.photos[title] for title, picture in stage.drawn.items() if camera_of(picture.key) == CLASS_CAMERA}
    stage.check(
        f"the camera's list of the day names all {len(sent)} originals that came from its card",
        true={one["photo"] for one in listed} == sent,
    )
    said = teacher.send("POST", f"{address}/wipes", {"day": day, "originals": len(listed)})
    stage.check("the teacher deletes them from the card before the end of the day, and says so", true=said.succeeded)
