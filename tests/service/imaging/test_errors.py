"""Reasons are a closed list with plain sentences, and echo nothing."""

import pytest

from service.imaging import ImagingError, Refusal


@pytest.mark.parametrize("reason", Refusal)
def test_every_reason_has_a_sentence_of_its_own_that_says_what_to_do(reason: Refusal) -> None:
    assert reason.sentence.endswith(".")
    assert len(reason.sentence) < 200
    assert [other for other in Refusal if other.sentence == reason.sentence] == [reason]


@pytest.mark.parametrize("reason", Refusal)
def test_an_error_says_its_code_and_nothing_else(reason: Refusal) -> None:
    assert str(ImagingError(reason)) == reason.value
    assert ImagingError(reason).reason is reason


def test_codes_are_permanent() -> None:
    assert {reason.value for reason in Refusal} >= {
        *("empty", "too-large", "not-an-image", "unsupported", "video", "truncated", "too-many-pixels", "too-many-frames"),
        *("undecodable", "timeout", "crashed", "unclean", "unreadable-metadata"),
    }
