"""Who may do what: every route names the one permission it needs, and each role holds a fixed set."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from fastapi import Request

from service.problems import Problem, ProblemError
from storage.users import Caller, Role


class Permission(StrEnum):
    """What a route can ask for (docs/api.md has the table of roles)."""

    PHOTO_UPLOAD = "photo:upload"
    PHOTO_READ = "photo:read"
    PHOTO_EDIT = "photo:edit"
    PHOTO_PREVIEW = "photo:preview"
    PHOTO_WAITING = "photo:waiting"
    PUBLICATION_READ = "publication:read"
    PUPIL_READ = "pupil:read"
    PUPIL_CHANGE = "pupil:change"
    CONSENT_READ = "consent:read"
    CONSENT_WRITE = "consent:write"
    CONSENT_RETIRE = "consent:retire"
    REGISTER_IMPORT = "register:import"
    PROTECTION_SET = "protection:set"
    DECISION_READ = "decision:read"
    DEVICE_READ = "device:read"
    DEVICE_CHANGE = "device:change"
    DEVICE_WIPE = "device:wipe"
    EXCEPTION_READ = "exception:read"
    EXCEPTION_GRANT = "exception:grant"
    TOKEN_READ = "token:read"  # noqa: S105 - the name of a permission
    TOKEN_REVOKE = "token:revoke"  # noqa: S105


_P = Permission
GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.TEACHER: frozenset(
            {
                _P.PHOTO_UPLOAD,
                _P.PHOTO_READ,
                _P.PHOTO_EDIT,
                _P.PHOTO_PREVIEW,
                _P.PUBLICATION_READ,
                _P.PUPIL_READ,
                _P.DEVICE_READ,
                _P.DEVICE_WIPE,
            }
        ),
        Role.EDITOR: frozenset({_P.PHOTO_EDIT, _P.PHOTO_PREVIEW, _P.PHOTO_WAITING, _P.PUBLICATION_READ}),
        Role.OFFICE: frozenset(
            {
                _P.PHOTO_EDIT,
                _P.PHOTO_PREVIEW,
                _P.PHOTO_WAITING,
                _P.PUPIL_READ,
                _P.PUPIL_CHANGE,
                _P.CONSENT_READ,
                _P.CONSENT_WRITE,
                _P.REGISTER_IMPORT,
                _P.DEVICE_READ,
                _P.DEVICE_CHANGE,
                _P.DEVICE_WIPE,
                _P.EXCEPTION_READ,
            }
        ),
        Role.HEAD: frozenset(_P) - {_P.PROTECTION_SET},
        Role.DSL: frozenset(
            {
                _P.PHOTO_READ,
                _P.PUBLICATION_READ,
                _P.PUPIL_READ,
                _P.CONSENT_READ,
                _P.CONSENT_RETIRE,
                _P.PROTECTION_SET,
                _P.DECISION_READ,
                _P.DEVICE_READ,
                _P.EXCEPTION_READ,
            }
        ),
        Role.SYNC: frozenset({_P.PUPIL_READ, _P.CONSENT_WRITE, _P.REGISTER_IMPORT}),
    }
)
SEES_WHY: Final = frozenset({Role.HEAD, Role.DSL})
"""Only they see answers together with eligibility, and the exact reason."""


class Needs:
    """A route's permission, as a dependency that gives the caller. ``permission`` is read by the guard test."""

    def __init__(self, permission: Permission) -> None:
        """Name the permission."""
        self.permission = permission

    def __call__(self, request: Request) -> Caller:
        """Return the caller. Raises ``forbidden`` if the role lacks the permission."""
        caller = caller_of(request)
        if self.permission not in GRANTS[caller.role]:
            raise ProblemError(Problem.FORBIDDEN)
        return caller


def caller_of(request: Request) -> Caller:
    """Return who the door let in. Raises ``unauthenticated`` if nobody was."""
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise ProblemError(Problem.UNAUTHENTICATED)
    return caller


def bearer(headers: Mapping[str, str]) -> str | None:
    """Read the token from an Authorization header; None if there is none in the right form."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip().isascii() and token.strip() else None


Find = Callable[[str], Caller | None]
