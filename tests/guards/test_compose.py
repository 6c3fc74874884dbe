"""docker-compose.yml is accepted by a real compose command, holds no secret and lets nobody in but through the proxy."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

SECRETS = ("POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY")
ONE_SHOT = "migrate"
ENTRANCE = "proxy"
SECRET_NAME = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|TOKEN|CREDENTIAL")
DEMANDED = re.compile(r"\$\{\w+:\?[^}]+\}")


def compose_command() -> list[str] | None:
    """The compose of this machine: the plugin, else the older program, else none."""
    if (
        shutil.which("docker")
        and subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    ):
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def literal_secrets(service: Mapping[str, Any]) -> Iterator[str]:
    """Environment entries that hold a secret, or an address with a password, that is not demanded from the environment."""
    environment = service.get("environment") or {}
    for name, value in environment.items():
        left = DEMANDED.sub("", str(value))
        if (SECRET_NAME.search(name) and left) or re.search(r"://[^/@\s]*:[^/@\s]+@", left):
            yield name


def host_folders(service: Mapping[str, Any]) -> list[str]:
    """Volumes that are a folder of the host and can be written to."""
    return [mount for mount in service.get("volumes") or [] if mount.startswith((".", "/", "~")) and not mount.endswith(":ro")]


@pytest.fixture(scope="module")
def written(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def services(written: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = written["services"]
    return found


@pytest.fixture(scope="module")
def compose(root: Path) -> list[str]:
    command = compose_command()
    if command is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs `docker compose` or `docker-compose`")
        pytest.skip("no compose command on this machine")
    return [*command, "--project-directory", str(root), "--file", str(root / "docker-compose.yml")]


def filled_in(root: Path, tmp_path: Path, *, without: str = "") -> Path:
    """docs/deploy/env.example as an administrator would fill it in, but for one line."""
    values = {"SITE_ADDRESS": "photos.example", **{name: f"invented{place}" for place, name in enumerate(SECRETS)}}
    lines = (root / "docs/deploy/env.example").read_text(encoding="utf-8").splitlines()
    filled = [line + values[line[:-1]] if line[:-1] in values and line[:-1] != without else line for line in lines]
    path = tmp_path / "filled-in.env"
    path.write_text("\n".join(filled), encoding="utf-8")
    return path


def run_config(compose: list[str], env_file: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    command = [*compose, "--env-file", str(env_file), "config"]
    return subprocess.run(command, capture_output=True, check=False, text=True, env=environment)


def test_compose_accepts_the_file(compose: list[str], root: Path, tmp_path: Path, services: Mapping[str, Any]) -> None:
    answer = run_config(compose, filled_in(root, tmp_path))
    assert answer.returncode == 0, answer.stderr
    assert set(yaml.safe_load(answer.stdout)["services"]) == set(services)


@pytest.mark.parametrize("name", ["SITE_ADDRESS", *SECRETS])
def test_compose_refuses_to_start_without(name: str, compose: list[str], root: Path, tmp_path: Path) -> None:
    answer = run_config(compose, filled_in(root, tmp_path, without=name))
    assert answer.returncode != 0
    assert "choose" in answer.stderr or "give" in answer.stderr


def test_the_file_needs_no_version_key(written: Mapping[str, Any]) -> None:
    assert "version" not in written


def test_no_secret_stands_in_the_file(services: Mapping[str, Mapping[str, Any]]) -> None:
    assert {name: found for name, service in services.items() if (found := list(literal_secrets(service)))} == {}


def test_every_long_running_service_has_a_health_check_and_restarts(services: Mapping[str, Mapping[str, Any]]) -> None:
    lasting = {name: service for name, service in services.items() if name != ONE_SHOT}
    assert [name for name, service in lasting.items() if not service.get("healthcheck", {}).get("test")] == []
    assert [name for name, service in lasting.items() if service.get("restart") != "unless-stopped"] == []


def test_only_the_proxy_can_be_reached_and_at_first_from_this_machine_only(services: Mapping[str, Mapping[str, Any]]) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == [ENTRANCE]
    assert [port for port in services[ENTRANCE]["ports"] if not port.startswith("${BIND_ADDRESS:-127.0.0.1}:")] == []


def test_database_and_store_have_no_way_out(written: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]]) -> None:
    assert written["networks"]["back"]["internal"] is True
    assert [services[name]["networks"] for name in ("database", "objects")] == [["back"], ["back"]]


def test_what_must_last_lies_in_named_volumes(written: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]]) -> None:
    assert {name: folders for name, service in services.items() if (folders := host_folders(service))} == {}
    mounts = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes") or []}
    assert {mount for mount in mounts if not mount.startswith(".")} == set(written["volumes"])


def test_the_object_store_reports_nothing_to_its_makers(services: Mapping[str, Mapping[str, Any]]) -> None:
    assert "-master.telemetry=false" in services["objects"]["command"]


@pytest.mark.parametrize(
    "environment",
    [
        {"POSTGRES_PASSWORD": "letmein"},
        {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:-letmein}"},
        {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD}"},
        {"AWS_SECRET_ACCESS_KEY": "x${S3_SECRET_KEY:?choose}"},
        {"GATEKEEPER_DATABASE_URL": "postgresql://gatekeeper:letmein@database/gatekeeper"},
    ],
)
def test_a_literal_secret_is_found(environment: Mapping[str, str]) -> None:
    assert list(literal_secrets({"environment": environment}))


def test_a_demanded_secret_is_let_through() -> None:
    environment = {"POSTGRES_PASSWORD": "${P:?choose}", "URL": "postgresql://gatekeeper:${P:?choose}@database/x", "PORT": "1"}
    assert list(literal_secrets({"environment": environment})) == []


def test_a_writable_folder_of_the_host_is_found() -> None:
    assert host_folders({"volumes": ["./pictures:/data", "named:/data", "./Caddyfile:/etc/caddy/Caddyfile:ro"]}) == [
        "./pictures:/data"
    ]
