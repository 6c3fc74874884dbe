"""The corpus, built once for a session, and one warm sandbox for all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.imaging import Sandbox
from tests.corpus import catalogue


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every file."""
    folder = tmp_path_factory.mktemp("corpus")
    catalogue.write(folder)
    return folder


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as warm:
        yield warm
