"""Which device took a picture: each case a school meets, and what must hold whatever the register looks like."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.cameras import Camera, fold_make, fold_model, fold_serial
from consent.devices import Device, DeviceException, DeviceId, DeviceKind, Match, Owner, Shot, excepted, match
from consent.photo import DeviceState
from consent.policy import DestinationKind
from consent.reasons import ABOUT_THE_DEVICE
from consent.rules import findings
from tests.consent.making import NOW, a_case, a_photo, a_policy

TODAY: Final = NOW.date()
A_DAY: Final = timedelta(days=1)
EVERYWHERE: Final = frozenset(DestinationKind)
S: Final = DeviceState


def a_device(name: str = "robin-camera", **facts: Any) -> Device:
    usual: dict[str, Any] = {
        "id": DeviceId(name),
        "kind": DeviceKind.CAMERA,
        "owner": Owner.SCHOOL,
        "make": "Nikon",
        "model": "D3500",
        "serial": "0042",
        "reg_groups": frozenset({"Robin"}),
        "active_from": TODAY - 100 * A_DAY,
        "active_until": None,
    }
    return Device(**(usual | facts))


CAMERA: Final = a_device()
WRENS_CAMERA: Final = a_device("wren-camera", serial="0043", reg_groups=frozenset({"Wren"}))
SPARE: Final = a_device("spare-camera", active_from=None, make="Canon", model="EOS 2000D", serial="77", reg_groups=frozenset())
IPAD: Final = a_device("robin-ipad", kind=DeviceKind.TABLET, make="Apple", model="iPad (9th generation)", serial=None)
IPHONE: Final = a_device("office-phone", kind=DeviceKind.PHONE, make="Apple", model="iPhone 12", serial=None)
EOS: Final = a_device("old-camera", make="Canon", model="EOS 250D", serial=None)
PHONE: Final = a_device("phone", kind=DeviceKind.PHONE, owner=Owner.PERSONAL, make="Pixelia", model="P7", serial=None)
OWN_CAMERA: Final = a_device("own-camera", owner=Owner.PERSONAL, make="Canon", model="EOS R6", serial="9")
STOLEN: Final = a_device("stolen", serial="0044", active_until=TODAY - A_DAY)
ORDERED: Final = replace(IPAD, id=DeviceId("ordered"), active_from=TODAY + A_DAY)
REGISTER: Final = (CAMERA, WRENS_CAMERA, SPARE, IPAD, IPHONE, EOS, PHONE, OWN_CAMERA, STOLEN, ORDERED)

NIKON: Final = Camera(make="NIKON CORPORATION", model="NIKON D3500", serial="0042")
NO_WORD: Final = Camera()
APPLE: Final = Camera(make="Apple", model="iPad (9th generation)")


def a_shot(camera: Camera = NIKON, named: Device | str | None = None, classes: Iterable[str] = ("Robin",), **more: Any) -> Shot:
    name = named.id if isinstance(named, Device) else DeviceId(named) if named else None
    usual: dict[str, Any] = {"sign_in": "token:teacher", "day": TODAY}
    return Shot(camera=camera, named=name, classes=frozenset(classes), **(usual | more))


SHOTS: Final[dict[str, tuple[Shot, DeviceState, Device | None]]] = {
    "the class's own camera": (a_shot(), S.SCHOOL, CAMERA),
    "the same, spelled otherwise": (a_shot(Camera(make=" nikon ", model="d3500", serial=" 00 42 ")), S.SCHOOL, CAMERA),
    "another class's camera": (a_shot(replace(NIKON, serial="0043")), S.OTHER_CLASS, WRENS_CAMERA),
    "a camera of a class, by a headteacher without one": (a_shot(classes=()), S.OTHER_CLASS, CAMERA),
    "the school's spare camera": (
        a_shot(Camera(make="Canon", model="Canon EOS 2000D", serial="77"), classes=("Owl",)),
        S.SCHOOL,
        SPARE,
    ),
    "the leading zeros are missing": (a_shot(replace(NIKON, serial="42")), S.UNKNOWN, None),
    "another serial number": (a_shot(replace(NIKON, serial="0099")), S.UNKNOWN, None),
    "another serial number, with an enrolled device named": (a_shot(replace(NIKON, serial="0099"), IPAD), S.UNKNOWN, None),
    "a serial number without a model": (a_shot(replace(NIKON, model=None)), S.UNKNOWN, None),
    "a serial number without a make": (a_shot(replace(NIKON, make=None)), S.UNKNOWN, None),
    "the model of another make": (a_shot(Camera(make="Canon", model="D3500", serial="0042")), S.UNKNOWN, None),
    "a serial number settles it, whatever sign-in uploads": (a_shot(NIKON, IPAD), S.SCHOOL, CAMERA),
    "a camera that is no longer in use": (a_shot(replace(NIKON, serial="0044")), S.INACTIVE, STOLEN),
    "a teacher's own camera": (a_shot(Camera(make="Canon", model="EOS R6", serial="9")), S.PERSONAL, OWN_CAMERA),
    "a camera like the teacher's own, of another": (a_shot(Camera(make="Canon", model="EOS R6", serial="8")), S.UNKNOWN, None),
    "a teacher's own phone": (a_shot(Camera(make="Pixelia", model="P7")), S.PERSONAL, PHONE),
    "a teacher's own phone that writes a serial number": (
        a_shot(Camera(make="Pixelia", model="P7", serial="1")),
        S.PERSONAL,
        PHONE,
    ),
    "a phone that nobody noted": (a_shot(Camera(make="Pixelia", model="P8")), S.UNKNOWN, None),
    "an iPad from the enrolled sign-in": (a_shot(APPLE, IPAD), S.SCHOOL, IPAD),
    "an iPad from nobody's sign-in": (a_shot(APPLE), S.UNKNOWN, None),
    "nothing written, from the enrolled sign-in": (a_shot(NO_WORD, IPAD), S.SCHOOL, IPAD),
    "nothing written, from nobody's sign-in": (a_shot(NO_WORD), S.UNKNOWN, None),
    "only the make written": (a_shot(Camera(make="APPLE"), IPAD), S.SCHOOL, IPAD),
    "only the model written": (a_shot(Camera(model="iPad"), IPAD), S.SCHOOL, IPAD),
    "zeros for a serial number": (a_shot(replace(APPLE, serial="0000000"), IPAD), S.SCHOOL, IPAD),
    "spaces for a serial number": (a_shot(replace(APPLE, serial="   "), IPAD), S.SCHOOL, IPAD),
    "an iPad of another class": (a_shot(APPLE, IPAD, classes=("Wren",)), S.OTHER_CLASS, IPAD),
    "a phone's picture from the iPad's sign-in": (a_shot(Camera(make="Pixelia", model="P7"), IPAD), S.CONTRADICTED, None),
    "an iPhone's picture from the iPad's sign-in": (a_shot(Camera(make="Apple", model="iPhone 15"), IPAD), S.CONTRADICTED, None),
    "a shorter form of the enrolled model": (a_shot(Camera(make="Apple", model="iPad"), IPAD), S.SCHOOL, IPAD),
    "another generation": (a_shot(Camera(make="Apple", model="iPad (8th generation)"), IPAD), S.CONTRADICTED, None),
    "a longer model than the enrolled one": (
        a_shot(Camera(make="Apple", model="iPhone 12 Pro Max"), IPHONE),
        S.CONTRADICTED,
        None,
    ),
    "a longer model of a camera": (a_shot(Camera(make="Canon", model="Canon EOS 250D Mark"), EOS), S.CONTRADICTED, None),
    "nothing written, a school device named from a personal one's sign-in": (
        a_shot(NO_WORD, IPAD, bound=PHONE.id),
        S.CONTRADICTED,
        None,
    ),
    "a school device named from a sign-in whose phone may have taken it": (
        a_shot(Camera(make="Pixelia"), IPAD, bound=PHONE.id),
        S.CONTRADICTED,
        None,
    ),
    "a school device named from a sign-in whose phone can't have taken it": (a_shot(APPLE, IPAD, bound=PHONE.id), S.SCHOOL, IPAD),
    "a school device named from a school device's sign-in": (a_shot(NO_WORD, IPAD, bound=CAMERA.id), S.SCHOOL, IPAD),
    "the sign-in's own phone": (a_shot(NO_WORD, PHONE, bound=PHONE.id), S.PERSONAL, PHONE),
    "two makers in one file": (a_shot(replace(APPLE, consistent=False), IPAD), S.CONTRADICTED, None),
    "two serial numbers in one file": (a_shot(replace(NIKON, consistent=False)), S.CONTRADICTED, None),
    "another maker's iPad": (a_shot(Camera(make="Pixelia", model="iPad"), IPAD), S.CONTRADICTED, None),
    "a phone that is named": (a_shot(NO_WORD, PHONE), S.PERSONAL, PHONE),
    "a device that is not yet in use": (a_shot(APPLE, ORDERED), S.INACTIVE, ORDERED),
    "a device that nobody enrolled": (a_shot(APPLE, "of-another-school"), S.UNKNOWN, None),
    "nothing written, and a name nobody enrolled": (a_shot(NO_WORD, "of-another-school"), S.UNKNOWN, None),
    "a camera without the written number is named": (a_shot(replace(NIKON, serial=None), CAMERA), S.SCHOOL, CAMERA),
}


@pytest.mark.parametrize(("shot", "state", "device"), SHOTS.values(), ids=SHOTS.keys())
def test_a_device_is_known_by_what_the_camera_wrote_or_by_the_enrolled_device(
    shot: Shot, state: DeviceState, device: Device | None
) -> None:
    assert match(shot, REGISTER) == Match(state=state, device=device.id if device else None)


def test_every_state_a_match_can_have_is_met() -> None:
    assert {state for _, state, _ in SHOTS.values()} | {S.AMBIGUOUS, S.NOT_CHECKED} == set(DeviceState)


@pytest.mark.parametrize("shot", [shot for shot, _, _ in SHOTS.values()], ids=SHOTS.keys())
def test_without_a_register_no_device_is_known(shot: Shot) -> None:
    assert match(shot, ()) == Match(state=S.UNKNOWN if shot.camera.consistent else S.CONTRADICTED)


TWINS: Final = {
    "two in use": ([CAMERA, a_device("twin")], S.AMBIGUOUS, None),
    "a school's and a personal one": ([CAMERA, a_device("twin", owner=Owner.PERSONAL)], S.AMBIGUOUS, None),
    "one of them no longer in use": ([CAMERA, a_device("twin", active_until=TODAY - A_DAY)], S.SCHOOL, CAMERA.id),
    "neither in use": (
        [a_device("one", active_until=TODAY - A_DAY), a_device("two", active_from=TODAY + A_DAY)],
        S.INACTIVE,
        None,
    ),
    "neither in use, one personal": (
        [a_device("one", active_until=TODAY - A_DAY), a_device("two", active_from=TODAY + A_DAY, owner=Owner.PERSONAL)],
        S.PERSONAL,
        None,
    ),
}


@pytest.mark.parametrize(("register", "state", "device"), TWINS.values(), ids=TWINS.keys())
def test_two_entries_of_one_device_are_told_apart_by_their_dates_or_not_at_all(
    register: list[Device], state: DeviceState, device: DeviceId | None
) -> None:
    assert match(a_shot(), register) == Match(state=state, device=device)


def test_an_id_that_stands_twice_in_the_register_is_nobodys() -> None:
    assert match(a_shot(NO_WORD, IPAD), [IPAD, IPAD]).state is S.UNKNOWN


def test_two_noted_phones_of_one_model_are_personal_whichever_it_was() -> None:
    twins = [PHONE, replace(PHONE, id=DeviceId("other-phone"))]
    assert match(a_shot(Camera(make="Pixelia", model="P7")), twins) == Match(state=S.PERSONAL)


def test_a_model_that_the_school_owns_as_well_is_not_taken_for_a_personal_one() -> None:
    assert match(a_shot(Camera(make="Pixelia", model="P7")), [PHONE, a_device(make="Pixelia", model="P7")]).state is S.UNKNOWN


@pytest.mark.parametrize(("day", "state"), [
    (TODAY - A_DAY, S.INACTIVE), (TODAY, S.SCHOOL), (TODAY + A_DAY, S.SCHOOL), (TODAY + 2 * A_DAY, S.INACTIVE),
])  # fmt: skip
def test_a_device_is_in_use_on_its_first_and_last_day_and_on_no_other_side_of_them(day: Any, state: DeviceState) -> None:
    lent = a_device(active_from=TODAY, active_until=TODAY + A_DAY)
    assert match(a_shot(day=day), [lent]).state is state
    assert match(a_shot(NO_WORD, lent, day=day), [lent]).state is state


FOLDS: Final = {
    ("NIKON CORPORATION", "NIKON D3500"): ("nikon", "d3500"),
    ("OLYMPUS IMAGING CORP.", "E-M10"): ("olympus", "e-m10"),
    ("Canon", "Canon EOS 2000D"): ("canon", "eos 2000d"),
    ("Canon, Inc.", "EOS\t2000D "): ("canon", "eos 2000d"),
    ("Hewlett Packard", "Hewlett Packard R1"): ("hewlett packard", "r1"),
    ("Hewlett Packard", "Hewlett R1"): ("hewlett packard", "r1"),
    ("Ｎｉｋｏｎ", "Ｄ３５００"): ("nikon", "d3500"),
    ("Imaging", "Imaging"): ("imaging", "imaging"),
    (None, "D3500"): ("", "d3500"),
    ("...", "D3500"): ("", "d3500"),
    (None, None): ("", ""),
}


@pytest.mark.parametrize(("written", "folded"), FOLDS.items(), ids=[f"{make} {model}" for make, model in FOLDS])
def test_makers_spell_one_name_in_many_ways(written: tuple[str | None, str | None], folded: tuple[str, str]) -> None:
    make, model = written
    assert (fold_make(make), fold_model(model, make)) == folded


@pytest.mark.parametrize(("written", "folded"), [
    ("007", "007"), (" 00 7 ", "007"), ("elm-7", "elm-7"), ("ELM-7", "elm-7"), ("0", ""), ("000", ""), ("", ""), (None, ""),
])  # fmt: skip
def test_a_serial_number_keeps_its_zeros_and_zeros_alone_are_none(written: str | None, folded: str) -> None:
    assert fold_serial(written) == folded


# --- exceptions -------------------------------------------------------------------------------------------------------


def an_exception(**facts: Any) -> DeviceException:
    usual: dict[str, Any] = {"destinations": EVERYWHERE, "valid_from": NOW - A_DAY, "valid_until": NOW + A_DAY}
    return DeviceException(**(usual | facts))


PHONES_SHOT: Final = a_shot(Camera(make="Pixelia", model="Pixelia P7", serial="5"))
COVERED: Final = {
    "the device": ({"device": PHONE.id}, True),
    "another device": ({"device": OWN_CAMERA.id}, False),
    "make and model": ({"make": "PIXELIA", "model": "p7"}, True),
    "make, model and serial number": ({"make": "Pixelia", "model": "P7", "serial": "5"}, True),
    "another serial number": ({"make": "Pixelia", "model": "P7", "serial": "6"}, False),
    "another model": ({"make": "Pixelia", "model": "P8"}, False),
    "the make alone": ({"make": "Pixelia"}, False),
    "the model alone": ({"model": "P7"}, False),
    "the serial number alone": ({"serial": "5"}, False),
    "the sign-in": ({"sign_in": "token:teacher"}, True),
    "another sign-in": ({"sign_in": "token:colleague"}, False),
    "sign-in and device": ({"sign_in": "token:teacher", "device": PHONE.id}, True),
    "sign-in and another device": ({"sign_in": "token:teacher", "device": OWN_CAMERA.id}, False),
    "sign-in and another model": ({"sign_in": "token:teacher", "make": "Pixelia", "model": "P8"}, False),
    "for the class": ({"device": PHONE.id, "reg_groups": frozenset({"Robin", "Owl"})}, True),
    "for another class": ({"device": PHONE.id, "reg_groups": frozenset({"Owl"})}, False),
    "nobody's": ({}, False),
    "a class's, and nothing else": ({"reg_groups": frozenset({"Robin"})}, False),
    "words that fold to nothing": ({"make": " ", "model": " "}, False),
    "not yet": ({"device": PHONE.id, "valid_from": NOW + A_DAY, "valid_until": NOW + 2 * A_DAY}, False),
    "from this instant": ({"device": PHONE.id, "valid_from": NOW}, True),
    "until this instant": ({"device": PHONE.id, "valid_until": NOW}, False),
    "withdrawn": ({"device": PHONE.id, "withdrawn": True}, False),
}


@pytest.mark.parametrize(("facts", "covers"), COVERED.values(), ids=COVERED.keys())
def test_an_exception_covers_what_it_names_and_only_while_it_lasts(facts: dict[str, Any], covers: bool) -> None:
    found = match(PHONES_SHOT, REGISTER)
    assert found.device == PHONE.id
    assert bool(excepted(PHONES_SHOT, found, [an_exception(**facts)], now=NOW)) is covers


def test_an_exception_for_a_make_and_model_covers_no_picture_that_says_neither() -> None:
    shot = a_shot(NO_WORD)
    assert excepted(shot, match(shot, REGISTER), [an_exception(make="Pixelia", model="P7")], now=NOW) == frozenset()


def test_an_exception_for_a_personal_phone_passes_no_longer_model_of_it() -> None:
    own = replace(IPHONE, owner=Owner.PERSONAL)
    for model, covered in (("iPhone 12", EVERYWHERE), ("iPhone 12 Pro Max", frozenset())):
        shot = a_shot(Camera(make="Apple", model=model), own)
        assert excepted(shot, match(shot, [own]), [an_exception(device=own.id)], now=NOW) == covered


@pytest.mark.parametrize(("scope", "covered"), [
    ({"make": "Pixelia", "model": "P7"}, frozenset()),
    ({"make": "Pixelia", "model": "P7", "serial": "5"}, frozenset()),
    ({"device": PHONE.id}, frozenset()),
    ({"sign_in": "token:teacher"}, EVERYWHERE),
])  # fmt: skip
def test_a_file_that_names_two_cameras_is_covered_only_as_its_senders(scope: Any, covered: frozenset[DestinationKind]) -> None:
    shot = replace(PHONES_SHOT, camera=replace(PHONES_SHOT.camera, consistent=False))
    assert excepted(shot, match(shot, REGISTER), [an_exception(**scope)], now=NOW) == covered


def test_exceptions_open_their_own_destinations_and_no_others() -> None:
    web = an_exception(device=PHONE.id, destinations=frozenset({DestinationKind.WEBSITE}))
    journal = an_exception(sign_in="token:teacher", destinations=frozenset({DestinationKind.JOURNAL}))
    found = match(PHONES_SHOT, REGISTER)
    assert excepted(PHONES_SHOT, found, [web, journal], now=NOW) == {DestinationKind.WEBSITE, DestinationKind.JOURNAL}
    assert excepted(PHONES_SHOT, found, [web], now=NOW) == {DestinationKind.WEBSITE}
    assert excepted(PHONES_SHOT, found, [], now=NOW) == frozenset()


# --- what holds whatever the register looks like ----------------------------------------------------------------------

_makes: Final = st.sampled_from(["Nikon", "NIKON CORPORATION", "Apple", ""])
_models: Final = st.sampled_from(["D3500", "Nikon D3500", "iPad", "iPad (9th generation)", ""])
_serials: Final = st.sampled_from([None, "", "0", "0042", "42"])
_groups: Final = st.frozensets(st.sampled_from(["Robin", "Wren"]))
_ids: Final = st.sampled_from([DeviceId(name) for name in ("a", "b", "c", "d")])
devices: Final = st.builds(
    Device,
    id=_ids,
    kind=st.sampled_from(DeviceKind),
    owner=st.sampled_from(Owner),
    make=_makes,
    model=_models,
    serial=_serials,
    reg_groups=_groups,
    active_from=st.none() | st.sampled_from([TODAY - A_DAY, TODAY, TODAY + A_DAY]),
    active_until=st.none() | st.sampled_from([TODAY - A_DAY, TODAY]),
)
registers: Final = st.lists(devices, max_size=4)
shots: Final = st.builds(
    Shot,
    camera=st.builds(Camera, make=st.none() | _makes, model=st.none() | _models, serial=_serials, consistent=st.booleans()),
    named=st.none() | _ids,
    bound=st.none() | _ids,
    sign_in=st.sampled_from(["token:a", "token:b"]),
    classes=_groups,
    day=st.just(TODAY),
)
exceptions: Final = st.builds(
    DeviceException,
    device=st.none() | _ids,
    make=st.none() | _makes,
    model=st.none() | _models,
    serial=_serials,
    sign_in=st.none() | st.sampled_from(["token:a", "token:b"]),
    reg_groups=_groups,
    destinations=st.frozensets(st.sampled_from(DestinationKind)),
    valid_from=st.sampled_from([NOW - A_DAY, NOW, NOW + A_DAY]),
    valid_until=st.sampled_from([NOW - A_DAY, NOW, NOW + A_DAY]),
    withdrawn=st.booleans(),
)
PASSES: Final = {S.SCHOOL, S.OTHER_CLASS}


@given(shot=shots, register=st.lists(devices, max_size=3))
def test_the_order_of_the_register_never_matters(shot: Shot, register: list[Device]) -> None:
    assert len({match(shot, ordered) for ordered in permutations(register)}) == 1


@given(shot=shots, register=registers)
def test_only_a_school_device_in_use_ever_passes(shot: Shot, register: list[Device]) -> None:
    found = match(shot, register)
    if found.state in PASSES:
        (device,) = [
            one
            for one in register
            if one.id == found.device and one.owner is Owner.SCHOOL and (one.active_from or TODAY) <= TODAY
        ]
        assert (device.active_until or TODAY) >= TODAY
        assert fold_serial(shot.camera.serial) in {"", fold_serial(device.serial)}
        assert shot.camera.consistent


@given(shot=shots, register=registers)
def test_a_personal_device_more_in_the_register_never_opens_anything(shot: Shot, register: list[Device]) -> None:
    personal = a_device("personal", owner=Owner.PERSONAL, serial=shot.camera.serial)
    if match(shot, register).state not in PASSES:
        assert match(shot, [*register, personal]).state not in PASSES


@given(shot=shots, register=registers, granted=st.lists(exceptions, max_size=3), more=exceptions)
def test_one_more_exception_never_closes_anything_and_lifts_nothing_but_what_is_held_against_the_device(
    shot: Shot, register: list[Device], granted: list[DeviceException], more: DeviceException
) -> None:
    found = match(shot, register)
    before = excepted(shot, found, granted, now=NOW)
    after = excepted(shot, found, [*granted, more], now=NOW)
    assert before <= after <= before | more.destinations
    policy = a_policy(("exceptions = false", "exceptions = true"))
    held = [
        {finding.reason for finding in findings(a_case(photo=a_photo(device=found.state, excepted=allowed), policy=policy))}
        for allowed in (before, after)
    ]
    assert held[1] <= held[0]
    assert held[0] - held[1] <= ABOUT_THE_DEVICE


@given(shot=shots, register=registers, granted=st.lists(exceptions, max_size=3))
def test_a_withdrawn_or_ended_exception_covers_nothing(
    shot: Shot, register: list[Device], granted: list[DeviceException]
) -> None:
    found = match(shot, register)
    withdrawn = [replace(one, withdrawn=True) for one in granted]
    assert excepted(shot, found, withdrawn, now=NOW) == frozenset()
    assert excepted(shot, found, granted, now=NOW + 2 * A_DAY) == frozenset()


@given(written=st.text("abco .,0NIKON", max_size=12))
def test_folding_twice_is_folding_once(written: str) -> None:
    assert fold_make(fold_make(written)) == fold_make(written)
    assert fold_serial(fold_serial(written)) == fold_serial(written)
