"""The list of invented pupils, class by class. A pupil's place in it makes the UPN: change a line, never move one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from service.demo.families import Story

_S = Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """One invented pupil. ``roles``: parts in the demonstration beyond the family's story."""

    forename: str
    surname: str
    story: Story
    roles: tuple[str, ...]
    middle: str
    known_as: str
    former_surnames: tuple[str, ...]
    reg_group: str = ""


def _pupil(
    forename: str,
    surname: str,
    story: Story = _S.MOTHER_AGREES,
    *roles: str,
    middle: str = "",
    known_as: str = "",
    former: str = "",
) -> Invented:
    return Invented(
        forename=forename,
        surname=surname,
        story=story,
        roles=roles,
        middle=middle,
        known_as=known_as,
        former_surnames=(former,) if former else (),
    )


_ROBIN: Final = (  # Nursery
    _pupil("Amara", "Okonjo-Bright"),
    _pupil("Teddy", "Hollins", _S.FATHER_AGREES, middle="James"),
    _pupil("Anaïs", "Lefèvre", _S.BOTH_AGREE),
    _pupil("Yusuf", "Al-Sabbagh", _S.NEVER_ANSWERED),
    _pupil("Ruby", "Penhaligon", _S.REFUSED, "eyfs-refused"),
    _pupil("Kofi", "Darkwah", _S.UNDATED_YES),
    _pupil("Mei-Lin", "Cheung", _S.INSIDE_ONLY),
    _pupil("Bodhi", "Fairweather-Lunn", _S.NOBODY_KNOWN),
    _pupil("Siân", "ap Rhys", _S.GROUP_ONLY),
    _pupil("Rory", "McAllister", _S.FOSTER_DELEGATED),
)
_WREN: Final = (  # Reception
    _pupil("Ella-Mae", "Thistlewood", _S.BOTH_AGREE, "eyfs-owner"),
    _pupil("Ibrahim", "Siddiqi", _S.MOTHER_AGREES, "eyfs-friend", known_as="Ibby"),
    _pupil("Noor", "van den Berg", _S.TWO_MOTHERS_AGREE),
    _pupil("May", "King"),
    _pupil("Tomasz", "Kowalczyk-Reed", _S.PARENTS_DISAGREE),
    _pupil("Saoirse", "Ní Dhálaigh", _S.ONE_OF_TWO),
    _pupil("Elijah", "Umeh", _S.SPECIAL_GUARDIAN),
    _pupil("Florence", "Gatward", _S.FATHER_AGREES, known_as="Flossie"),
    _pupil("Đức", "Phạm", _S.NEVER_ANSWERED),
    _pupil("Heath", "Green", _S.GUARDIAN_AGREES),
)
_KESTREL: Final = (  # Year 1: the class of the demonstration's pictures
    _pupil("Amelia", "Khan", _S.BOTH_AGREE, "agreed-group"),
    _pupil("Oisín", "O'Brien-Lacey", _S.MOTHER_AGREES, "agreed-group"),
    _pupil("Zofia", "Wiśniewska", _S.MOTHER_AGREES, "agreed-group"),
    _pupil("Kwame", "Asante-Hill", _S.FATHER_AGREES, "agreed-group"),
    _pupil("Summer", "Rose", _S.MOTHER_AGREES, "agreed-group", middle="Joy"),
    _pupil("Reggie", "Applewhite", _S.BOTH_AGREE, "withdraws", known_as="Reg"),
    _pupil("Isla", "Strachan", _S.BOTH_AGREE, "protected"),
    _pupil("Mohammed", "Rahimi", _S.REFUSED, "refused-classmate", known_as="Mo"),
    _pupil("Poppy", "Whitlock", _S.ADOPTED_AFTER_YES, former="Dunmore"),
    _pupil("Luca", "D'Amorino", _S.PARENTS_DISAGREE),
)
_HERON: Final = (  # Year 2
    _pupil("Ayaan", "Hussaini", _S.MOTHER_AGREES, "twins"),
    _pupil("Inaya", "Hussaini", _S.MOTHER_AGREES, "twins"),
    _pupil("Will", "Page", _S.MOTHER_AGREES, middle="Robin"),
    _pupil("Grace", "Field", _S.GROUP_ONLY),
    _pupil("Zoë", "Müller-Nuñez", _S.CARE_ORDER),
    _pupil("Dmitri", "Ionescu", _S.LEAVER),
    _pupil("Jasleen", "Kaur Gill", _S.BOTH_AGREE, middle="Kaur"),
    _pupil("Alfie", "Stubbings", _S.STEP_PARENT_REFUSES, former="Marsh"),
    _pupil("Chidi", "Nwachukwu", _S.ONE_OF_TWO),
    _pupil("Hope", "Winter", _S.FOSTER_NOT_DELEGATED),
)
_SWIFT: Final = (  # Year 4
    _pupil("Freya", "Bjørnsdóttir", _S.EXPIRED),
    _pupil("Thiago", "da Silva Rocha", _S.BOTH_AGREE),
    _pupil("Aisha", "Warsame", _S.CHILD_OBJECTS),
    _pupil("Charlie", "Noble", _S.SECTION_20),
    _pupil("Precious", "Moyo-Banks", _S.AUTHORITY_AGREES),
    _pupil("Daisy", "Meadows-Pike", _S.BARRED),
    _pupil("Björn", "Åkerlind", _S.MOTHER_AGREES),
    _pupil("Lakshmi", "Venkataraghavan", _S.FATHER_AGREES, known_as="Lucky"),
    _pupil("Harper", "St. John-Bell", _S.STATUS_UNKNOWN),
    _pupil("Tariq", "Ben Youssef", _S.EXPIRED, known_as="Taz"),
)
_OSPREY: Final = (  # Year 6
    _pupil("Skye", "Hargreaves-Odell", _S.BOTH_AGREE),
    _pupil("Yiannis", "Papadelis", _S.MOTHER_AGREES, known_as="Johnny"),
    _pupil("Esme", "Cartledge", _S.ADOPTED_AND_AGREED, former="Lowe"),
    _pupil("Hunter", "Short", _S.REFUSED),
    _pupil("Ngọc Anh", "Trần", _S.MOTHER_AGREES, known_as="Annie"),
    _pupil("Autumn", "Rivers", _S.INSIDE_ONLY),
    _pupil("Kayode", "Balogun-West", _S.TWO_MOTHERS_AGREE),
    _pupil("Megan", "Llewellyn-Price", _S.EX_PUPIL),
    _pupil("Arjun", "Chandrapillai", _S.EXPIRED),
    _pupil("Faith", "Small", _S.GUARDIAN_AGREES, former="Bridger"),
)


def _classes() -> Iterator[Invented]:
    groups = {"Robin": _ROBIN, "Wren": _WREN, "Kestrel": _KESTREL, "Heron": _HERON, "Swift": _SWIFT, "Osprey": _OSPREY}
    for reg_group, pupils in groups.items():
        yield from (replace(pupil, reg_group=reg_group) for pupil in pupils)


PUPILS: Final = tuple(_classes())
"""All sixty, in the order of their UPNs."""
