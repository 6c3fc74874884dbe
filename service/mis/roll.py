"""Rows put together: each pupil once, with everybody who answers for the pupil."""

from collections.abc import Iterator
from dataclasses import fields, replace

from service.mis.refusal import ProblemCode, Problems
from service.mis.rows import PersonRow, PupilRow


class Roll:
    """The pupils read so far, in the order of their first rows. What does not fit together goes to ``found``."""

    def __init__(self, found: Problems) -> None:
        self._found = found
        self._pupils: dict[str, PupilRow] = {}
        self._persons: dict[str, list[PersonRow]] = {}
        self._spoken_for: set[tuple[str, str, str]] = set()

    def add(self, number: int, pupil: PupilRow, person: PersonRow | None) -> None:
        """Take in row ``number``. It MUST say the same of the pupil as the rows before, and speak for somebody new.

        Codes that differ in case only are one code: two people nobody can tell apart would each undo the other's answers.
        """
        known = self._pupils.setdefault(pupil.upn, pupil)
        for column in _differences(known, pupil):
            self._found.add(number, column, ProblemCode.PUPIL_DISAGREES)
        speaker = (pupil.upn, person.relation, person.person_code.lower()) if person else (pupil.upn, "", "")
        if speaker in self._spoken_for:
            self._found.add(number, "relation", ProblemCode.PERSON_REPEATED)
        self._spoken_for.add(speaker)
        if person:
            self._persons.setdefault(pupil.upn, []).append(person)

    def pupils(self) -> tuple[PupilRow, ...]:
        """Return the pupils, each with everybody who answers."""
        return tuple(replace(pupil, persons=tuple(self._persons.get(upn, ()))) for upn, pupil in self._pupils.items())


def _differences(known: PupilRow, pupil: PupilRow) -> Iterator[str]:
    for field in fields(PupilRow):
        if getattr(known, field.name) != getattr(pupil, field.name):
            yield field.name
