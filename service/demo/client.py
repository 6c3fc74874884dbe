"""A very small HTTP client: what a school's own script would need to talk to the gatekeeper."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    content: bytes

    @property
    def succeeded(self) -> bool:
        """True for any status that says yes."""
        return str(self.status).startswith("2")

    @property
    def body(self) -> Any:  # noqa: ANN401 - JSON
        """The content, read as JSON."""
        return json.loads(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Calls the API on 127.0.0.1 as the holder of one token."""

    port: int
    token: str = ""

    def get(self, path: str) -> Reply:
        """GET."""
        return self._call("GET", path)

    def send(self, method: str, path: str, body: object) -> Reply:
        """Send JSON."""
        return self._call(method, path, json.dumps(body).encode(), "application/json")

    def upload(self, path: str, *, file_name: str, content: bytes, fields: Iterable[tuple[str, str]] = ()) -> Reply:
        """Send a file with fields as multipart/form-data."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields
        ]
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="{file_name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
        return self._call("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def _call(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> Reply:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if media_type:
            headers["content-type"] = media_type
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Reply(status=answer.status, content=answer.read())
        finally:
            connection.close()
