"""``python -m service.openapi``: writes the OpenAPI document of the API to docs/openapi.json."""

import json
from pathlib import Path
from typing import Final

from service.app import assemble, openapi

COMMITTED: Final = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def document() -> str:
    """Return the document as text: the same routes give the same text."""
    return json.dumps(openapi(assemble()), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    COMMITTED.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
