"""A real child of the sandbox whose pictures, or whose kernel, behave as a test says."""

import sys

from service.imaging.sandbox import COMMAND

NO_LANDLOCK = "zygote.close_files = lambda: False"
NO_SECCOMP = "zygote.Filter.apply = lambda self: False"
UNWALLED = f"{NO_LANDLOCK}\n{NO_SECCOMP}"
"""As on a kernel that knows neither wall."""


def with_behaviour(behaviour: str, *, before: str = "") -> tuple[str, ...]:
    """The real child, but for what happens when it is given a picture; ``before``: what happens before it shuts itself in."""
    program = f"""
import ctypes, mmap, os, resource, signal, socket, subprocess, sys, threading, time
sys.path.insert(0, sys.argv[1])
import service.imaging.zygote as zygote
from service.imaging.errors import ImagingError, Refusal
really = zygote.clean
seen = []
def clean(untrusted, *, long_side):
{behaviour}
    return really(untrusted, long_side=long_side)
zygote.clean = clean
{before}
zygote.main()
"""
    return (sys.executable, "-I", "-B", "-c", program, COMMAND[-1])
