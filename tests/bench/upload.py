"""``poe bench-upload``: what memory the service takes while many large uploads come at one time; prints one JSON object."""

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from storage.database import open_database
from storage.migrate import to_head
from storage.users import Role
from tests.bench.imaging import held, machine
from tests.parts.live import Line, head
from tests.parts.own_service import Service, open_school, service_at
from tests.parts.requests import BOUNDARY, part
from tests.parts.world import Backend, settings_for

FEW, MANY = 8, 32
AT_ONCE = (1, FEW, MANY)
SIZE = (4000, 4000)
PIECE = 1_000_000
PATIENCE_SECONDS = 300
TARGETS = (
    ("one more upload, while they come", "at most", 0.05),
    ("one more upload, at most", "at most", 0.1),
)
"""In pictures: what the process grows by for each upload beyond the eighth."""
_OPENING = part("no_pupils", "true") + part("destinations", "website") + part("file", b"", file="a.tif").removesuffix(b"\r\n")
_REST = f"\r\n--{BOUNDARY}--\r\n".encode()


def large_picture() -> bytes:
    """A picture of 48 MB, nearly the most that is taken: 16 megapixels without coding."""
    written = io.BytesIO()
    Image.effect_noise(SIZE, 60).convert("RGB").save(written, "TIFF")
    return written.getvalue()


def measured(folder: Path, picture: bytes, at_once: int) -> dict[str, float]:
    """In pictures, above a service at rest: while so many uploads come, and at most until all are answered and prepared."""
    folder.mkdir()
    database, objects = folder / "school.sqlite", folder / "objects"
    backend = Backend(database_url=f"sqlite:///{database}", store_url=f"file://{objects}", folder=folder)
    engine = open_database(backend.database_url)
    to_head(engine)
    engine.dispose()
    token = open_school(backend)[Role.TEACHER]
    with service_at(backend, max_uploads_at_once="100") as service, ExitStack() as lines:
        _settle(service)
        service.forget_the_peak()
        before = service.memory()
        uploads = [lines.enter_context(service.live.line()) for _ in range(at_once)]
        _send_all_but_the_end(uploads, token, picture)
        spool = settings_for(backend).spool
        _wait(lambda: sum(path.stat().st_size for path in spool.iterdir()) > at_once * (len(picture) - 3 * PIECE))
        coming = service.memory("VmHWM") - before
        for line in uploads:
            line.say(picture[-PIECE:] + _REST)
        for address in [line.answer().headers["location"] for line in uploads]:
            _wait(lambda address=address: _is_prepared(service, address, token))  # type: ignore[misc]
        at_most = service.memory("VmHWM") - before
    return {"while they come": round(coming / len(picture), 3), "at most": round(at_most / len(picture), 3)}


def _send_all_but_the_end(uploads: list[Line], token: str, picture: bytes) -> None:
    """Turn by turn, so that all of them come at one time."""
    told = {
        "authorization": f"Bearer {token}",
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
        "content-length": str(len(_OPENING) + len(picture) + len(_REST)),
    }
    for line in uploads:
        line.say(head("POST", "/v1/photos", told) + _OPENING)
    for start in range(0, len(picture) - PIECE, PIECE):
        for line in uploads:
            line.say(picture[start : min(start + PIECE, len(picture) - PIECE)])


def _is_prepared(service: Service, address: str, token: str) -> bool:
    answer = service.live.send("GET", address, headers={"authorization": f"Bearer {token}"})
    return bool(json.loads(answer.content)["state"] != "received")


def _settle(service: Service) -> None:
    """Wait until it has loaded what it loads once: its first sweep brings in the words."""
    known: list[int] = []
    while len(known) < 10 or max(known[-10:]) - min(known[-10:]) > PIECE:
        time.sleep(0.2)
        known.append(service.memory())


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def figures(folder: Path) -> dict[str, object]:
    """All of them; a service of its own for each number, since Python may keep what it once took."""
    picture = large_picture()
    pictures = {number: measured(folder / str(number), picture, number) for number in AT_ONCE}
    few, many = pictures[FEW], pictures[MANY]
    asked = {f"one more upload, {when}": round((many[when] - few[when]) / (MANY - FEW), 3) for when in few}
    return {
        "machine": machine(),
        "picture bytes": len(picture),
        "pictures in memory": pictures,
        "targets": {name: {"is": asked[name], word: most, "met": held(asked[name], word, most)} for name, word, most in TARGETS},
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(figures(Path(folder)), indent=2) + "\n")
