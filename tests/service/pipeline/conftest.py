"""The school of these tests is one of a house that is kept for all the tests of a file."""

from tests.service.pipeline.kept import backend, clock, kept_house, world

__all__ = ["backend", "clock", "kept_house", "world"]
