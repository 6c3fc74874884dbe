"""``gatekeeper scrub``: JSON lines in and out, in order; bad input is a sentence without any of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REGISTER = {
    "register": [
        {
            "forename": "Oscar",
            "middle": None,
            "surname": "Dempsey",
            "known_as": None,
            "former_surnames": [],
            "id": "D1",
            "year": "R",
        },
        {"forename": "Rose", "surname": "King", "former_surnames": ["Underhill"]},
    ],
    "school_terms": ["Elmfield"],
    "meta": {"made": "up"},
}
SECRET = "Zebedee-Quux"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.json"
    path.write_text(json.dumps(REGISTER), encoding="utf-8")
    return path


def run(register: Path, *lines: str | bytes) -> subprocess.CompletedProcess[bytes]:
    sent = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    command = [sys.executable, "-c", "from service.cli import main; main()", "scrub", "--register", str(register)]
    return subprocess.run(command, input=sent, capture_output=True, check=False, timeout=60)


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_every_line_is_answered_in_order(register: Path) -> None:
    done = run(
        register,
        '{"id":"b","field":"caption","text":"Oscar at Elmfield"}',
        "",
        '{"id":7,"field":"filename","text":"oscar_cake.jpg"}',
        '{"id":"a","field":"tag","text":"Rose"}',
        '{"id":"c","field":"title","text":"Crème brûlée"}',
        json.dumps({"id": "d", "field": "caption", "text": "x" * 65_536}),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert answers(done) == [
        {
            "id": "b",
            "action": "hold",
            "text": "at Elmfield",
            "removed": [{"start": 0, "end": 5, "reason": "words:name-or-unknown"}],
            "hold_reasons": ["words:name-or-unknown"],
        },
        {
            "id": 7,
            "action": "publish",
            "text": "cake.jpg",
            "removed": [{"start": 0, "end": 5, "reason": "words:name-or-unknown"}],
            "hold_reasons": [],
        },
        {
            "id": "a",
            "action": "drop",
            "text": "",
            "removed": [{"start": 0, "end": 4, "reason": "words:name-or-unknown"}],
            "hold_reasons": [],
        },
        {"id": "c", "action": "publish", "text": "Crème brûlée", "removed": [], "hold_reasons": []},
        {
            "id": "d",
            "action": "hold",
            "text": "",
            "removed": [{"start": 0, "end": 0, "reason": "words:too-long"}],
            "hold_reasons": ["words:too-long"],
        },
    ]


@pytest.mark.parametrize(
    "line",
    [
        f'{{"id":"1","field":"caption","text":"{SECRET}"',
        f'{{"id":"1","field":"{SECRET}","text":"x"}}',
        f'{{"id":"1","field":"caption","text":"x","{SECRET}":1}}',
        f'{{"id":"1","field":"caption","text":["{SECRET}"]}}',
        f'["{SECRET}"]',
        b'{"id":"1","field":"caption","text":"Zebedee-Quux\xff"}',
        b'{"id":"1","field":"caption","text":"Zebedee-Quux' + b"x" * 1_000_000 + b'"}',
    ],
)
def test_a_bad_line_ends_it_with_a_sentence_that_echoes_nothing(register: Path, line: str | bytes) -> None:
    done = run(register, '{"id":"1","field":"caption","text":"A cake"}', line)
    assert done.returncode == 1
    assert len(answers(done)) == 1
    assert b"Line 2" in done.stderr
    assert SECRET.encode() not in done.stderr + done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        SECRET,
        json.dumps([SECRET]),
        json.dumps({"register": SECRET}),
        json.dumps({"register": [{"forename": [SECRET]}]}),
        json.dumps({"register": [], "school_terms": SECRET}),
        json.dumps({SECRET: []}),
        b"\xff\xfe",
        None,
    ],
)
def test_a_bad_register_file_is_refused_with_a_sentence_that_echoes_nothing(register: Path, content: str | bytes | None) -> None:
    if content is None:
        register.unlink()
    else:
        register.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run(register, '{"id":"1","field":"caption","text":"A cake"}')
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr
    assert SECRET.encode() not in done.stderr
    assert b"Traceback" not in done.stderr
