"""Commands that run the service and keep it: serve, worker, migrate, sweep, init."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from service import operate
from service.app import create
from service.commands.terminal import fail, open_house, open_house_at_work, out, read
from service.listening import Listening
from service.wiring import House
from service.worker import Worker, sweep_all
from storage.migrate import to_head

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    *,
    worker: Annotated[bool, typer.Option(help="Also run one worker.")] = True,
) -> None:
    """Serve API and pages, with one worker, in one process."""
    house = open_house_at_work()
    to_head(house.engine)
    _serve(house, host=host, port=port, worker=worker)


@app.command()
def worker() -> None:
    """Run one more worker until it is told to stop."""
    house = open_house_at_work()
    one = Worker(house=house, name=house.settings.worker_name)
    one.run_until_stopped()
    house.close()


@app.command()
def migrate() -> None:
    """Bring the database schema to head."""
    to_head(open_house().engine)
    out.print("The schema is at head.")


@app.command()
def sweep() -> None:
    """Reconcile once: decide every live publication again, drive what is stuck, remove what no row allows."""
    for school, found in sweep_all(open_house()).items():
        out.print_json(json.dumps({"school": school, **asdict(found)}))


@app.command()
def init(
    school: Annotated[str, typer.Option(help="Name of the school.")],
    headteacher: Annotated[str, typer.Option(help="E-mail address of the headteacher.")],
    policy: Annotated[Path | None, typer.Option(help="Policy file; left out: the documented default.")] = None,
) -> None:
    """Create the first school and its first person; prints a one-time enrolment link."""
    house = open_house()
    to_head(house.engine)
    if operate.is_full(house):
        fail("This SQLite file has its school. Several schools need PostgreSQL, or a data folder each.")
    text = read(policy).decode() if policy else operate.default_policy()
    school_id, code = operate.create_school(house, name=school, headteacher=headteacher, policy=text)
    base = house.settings.public_url or "http://127.0.0.1:8000"
    out.print(f"School {school_id} is ready. Enrolment link of the headteacher, good once and for 7 days:")
    out.print(f"{base}/enrol?code={code}")


def _serve(house: House, *, host: str, port: int, worker: bool) -> None:
    server = uvicorn.Server(Listening(create(house, with_worker=worker), settings=house.settings, host=host, port=port))
    try:
        with suppress(KeyboardInterrupt):  # which the server raises again once it has stopped
            server.run()
    finally:
        house.close()
    if not server.started:
        fail("The service did not start.")
