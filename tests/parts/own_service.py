"""The service as a school runs it: ``gatekeeper serve`` in its own process, with its own temp folder, until the story is over."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from service import operate
from service.wiring import build
from storage.users import Role
from tests.parts.live import Live
from tests.parts.own_server import free_ports, stop, wait_until
from tests.parts.world import Backend, policy_text, settings_for

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service. ``temp_folder``: where everything temporary of it goes."""

    live: Live
    server: subprocess.Popen[bytes]
    temp_folder: Path

    @property
    def address(self) -> str:
        return self.live.address

    def memory(self, line: str = "VmRSS") -> int:
        """Bytes of memory, now (VmRSS) or at most (VmHWM)."""
        text = Path(f"/proc/{self.server.pid}/status").read_text(encoding="utf-8")
        (found,) = [one for one in text.splitlines() if one.startswith(f"{line}:")]
        return int(found.split()[1]) * 1024

    def forget_the_peak(self) -> None:
        """From here on VmHWM begins anew."""
        Path(f"/proc/{self.server.pid}/clear_refs").write_text("5", encoding="utf-8")

    def dies(self) -> None:
        """kill -9."""
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()


def open_school(backend: Backend) -> dict[Role, str]:
    """What the operator does before the service starts: a school, its policy, and a token for everybody."""
    house = build(settings_for(backend))
    try:
        school, _ = operate.create_school(house, name="Elmfield", headteacher="head@school.example", policy=policy_text())
        return {role: operate.create_token(house, school, role=role, classes=("Robin",), days=None) for role in Role}
    finally:
        house.close()


@contextmanager
def service_at(backend: Backend, **settings_of_the_test: str) -> Iterator[Service]:
    """Run ``gatekeeper serve`` until the story is over."""
    settings, (port,) = settings_for(backend), free_ports(1)
    temp_folder = backend.folder / "temporary"
    temp_folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        **backend.environment,
        "PYTHONPATH": str(ROOT),
        "GATEKEEPER_DATA_DIR": str(settings.data_dir),
        "GATEKEEPER_DATABASE_URL": settings.database_url,
        "GATEKEEPER_STORE_URL": settings.store_url,
        "TMPDIR": str(temp_folder),
        **{f"GATEKEEPER_{name.upper()}": value for name, value in settings_of_the_test.items()},
    }
    command = [sys.executable, "-c", "from service.cli import main; main()", "serve", "--port", str(port)]
    address, log = f"http://127.0.0.1:{port}", backend.folder / "serve.log"

    def answers() -> bool:
        try:
            return bool(httpx2.get(f"{address}/healthz", timeout=5).status_code == 200)
        except httpx2.TransportError:
            return False

    with log.open("ab") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            wait_until(answers, server=server, log=log)
            yield Service(live=Live(port=port), server=server, temp_folder=temp_folder)
        finally:
            stop(server)
