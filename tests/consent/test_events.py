"""The words of the audit log."""

from consent.events import Event


def test_an_event_is_spelled_subject_and_what_happened() -> None:
    for event in Event:
        subject, happened = event.value.split(".")
        assert subject.isalpha()
        assert happened.replace("-", "").isalpha()
        assert event.name == event.value.replace(".", "_").replace("-", "_").upper()
