"""One warm sandbox for all tests of imaging."""

from collections.abc import Iterator

import pytest

from service.imaging import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as warm:
        yield warm
