"""Landlock: this process and its children open no file, use no TCP port and signal nobody outside (landlock(7))."""

import ctypes
import os
from contextlib import suppress

from service.imaging.jail.kernel import give_up_privileges, system_call

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""The same on every processor."""
_ASK_VERSION = 1
_FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
"""Version of the interface -> every right over files that it knows."""
_NETWORK_SINCE, _TCP = 4, 0b11
_SCOPES_SINCE, _SOCKETS_AND_SIGNALS = 6, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def close_files() -> bool:  # pragma: no cover - would shut the tests in
    """Put up the wall; True if it stands and was seen to stop an open. MUST come after everything has been imported."""
    try:
        version = system_call(_CREATE_RULESET, None, 0, _ASK_VERSION)
        rules = _Ruleset(
            files=_FILES[min(version, max(_FILES))],
            network=_TCP if version >= _NETWORK_SINCE else 0,
            scopes=_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0,
        )
        size = 8 * (1 + (version >= _NETWORK_SINCE) + (version >= _SCOPES_SINCE))
        ruleset = system_call(_CREATE_RULESET, ctypes.byref(rules), size, 0)
        give_up_privileges()
        system_call(_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)
    except OSError:  # a kernel without it, or one that was started without it
        return False
    return _is_closed()


def _is_closed() -> bool:  # pragma: no cover - as close_files
    with suppress(PermissionError):
        os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))
        return False
    return True
