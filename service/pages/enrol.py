"""The page behind a one-time enrolment link. Looking at it uses nothing up; the button does."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from service.api.common import AtHand
from storage import users
from storage.errors import StorageError

router = APIRouter(include_in_schema=False)
_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}
_PAGE: Final = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
code{{display:block;padding:1rem;background:#f3f2f1;overflow-wrap:anywhere}}button{{font:inherit;padding:.6rem 1rem}}</style>
<h1>{title}</h1>{body}</html>"""
_ASK: Final = """<p>This link works once. The button below gives you the access token of your account.</p>
<form method="post" action="/enrol"><input type="hidden" name="code" value="{code}"><button>Get my access token</button></form>"""
_SHOW: Final = """<p>This is your access token. It is shown only now: keep it like a password.</p><code>{token}</code>"""
_OVER: Final = """<p>This link was used before, or it is over. Ask whoever gave it to you for a new one.</p>"""
Code = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{10,100}$")]


@router.get("/enrol")
def ask(code: Code) -> HTMLResponse:
    """Show the button."""
    return _page("Welcome", _ASK.format(code=code))


@router.post("/enrol")
def enrol(code: Annotated[str, Form(pattern="^[A-Za-z0-9_-]{10,100}$")], house: AtHand) -> HTMLResponse:
    """Use the code up and show the token, once."""
    try:
        with house.engine.connect() as connection:
            school = users.school_of_enrolment(connection, code)
        with house.store.transaction(school, actor="enrolment") as step:
            token = users.enrol(step, code)
    except StorageError:
        return _page("This link no longer works", _OVER)
    return _page("You are enrolled", _SHOW.format(token=token))


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=title, body=body), headers=_HEADERS)
