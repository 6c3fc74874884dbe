"""Who makes the requests of a Schemathesis run: callers by turns, as the file named in SCHEMA_CALLERS says for each call.

Loaded by Schemathesis in its own process (SCHEMATHESIS_HOOKS).
"""

import itertools
import json
import os
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import schemathesis

_SAID: dict[str, Any] = json.loads(Path(os.environ["SCHEMA_CALLERS"]).read_text(encoding="utf-8"))
_TURNS: Mapping[tuple[str, bool], Iterator[str]] = {
    (call, valid): itertools.cycle(tokens) for call, tokens in _SAID["callers"].items() for valid in (True, False)
}
_PICTURES = [b64decode(one) for one in _SAID["pictures"]]

schemathesis.openapi.media_type("image/jpeg", st.sampled_from(_PICTURES))


@schemathesis.hook
def before_call(_context: object, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Send the token of whose turn it is; an empty one is nobody's."""
    del kwargs
    valid = case.meta is not None and case.meta.generation.mode.is_positive
    token = next(_TURNS[case.operation.label, valid])
    if token:
        case.headers = type(case.headers)({**dict(case.headers or {}), "authorization": f"Bearer {token}"})
