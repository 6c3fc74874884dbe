"""Reasons are a closed list with plain sentences, and echo nothing."""

from pathlib import Path

import pytest

from service.imaging import ImagingError, Kind, Refusal


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


GOLDEN = Path(__file__).with_name("refusals.golden.txt")


def test_every_reason_says_what_the_golden_file_says() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == "".join(f"{reason.value}: {reason.sentence}\n" for reason in Refusal)


@pytest.mark.parametrize("reason", [Refusal.NOT_AN_IMAGE, Refusal.UNSUPPORTED])
def test_a_sentence_that_names_the_accepted_kinds_names_them_all(reason: Refusal) -> None:
    assert [kind for kind in Kind if kind.value.upper() not in reason.sentence.upper()] == []


def test_videos_are_not_in_this_version() -> None:
    assert "not accepted in this version" in Refusal.VIDEO.sentence
