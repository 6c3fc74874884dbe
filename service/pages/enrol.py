"""The page behind a one-time enrolment link. Looking at it uses nothing up; the button does."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from service.api.common import AtHand
from service.problems import Problem
from storage import users
from storage.errors import StorageError

router = APIRouter(include_in_schema=False)
_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
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
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{10,100}")
_OK: Final = 200


@router.get("/enrol")
def ask(untrusted_code: Annotated[str, Query(alias="code")] = "") -> HTMLResponse:
    """Show the button, or, to somebody whose link lost a part on its way, what to do."""
    if not _CODE.fullmatch(untrusted_code):
        return _over()
    return _page("Welcome", _ASK.format(code=untrusted_code))


@router.post("/enrol")
def enrol(house: AtHand, untrusted_code: Annotated[str, Form(alias="code")] = "") -> HTMLResponse:
    """Use the code up and show the token, once."""
    if not _CODE.fullmatch(untrusted_code):
        return _over()
    try:
        with house.engine.connect() as connection:
            school = users.school_of_enrolment(connection, untrusted_code)
        with house.store.transaction(school, actor="enrolment") as step:
            token = users.enrol(step, untrusted_code)
    except StorageError:
        return _over()
    return _page("You are enrolled", _SHOW.format(token=token))


def _over() -> HTMLResponse:
    return _page("This link no longer works", _OVER, status=Problem.GONE.status)


def _page(title: str, body: str, *, status: int = _OK) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=title, body=body), status_code=status, headers=_HEADERS)
