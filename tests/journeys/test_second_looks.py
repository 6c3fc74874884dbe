"""What a hostile tester found once: each stays found."""

from pathlib import Path

import pytest

from service import cli, operate
from storage.users import Role
from tests.parts.world import World


def test_a_refusal_cannot_be_retired_while_its_giver_has_authority(world: World) -> None:
    ada = world.pupil("Ada Frost")
    world.agrees(ada)
    record = world.refuses(ada, "shared-site", relation="father")
    for role in (Role.HEAD, Role.DSL):
        answer = world.client.post(f"/v1/consent-records/{record}/retirements", headers=world.as_role(role))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    world.person(ada, relation="father", authority="none")
    assert world.outcome(world.uploads(ada, to=("shared-site",)), "shared-site") == "rejected"


def test_a_pupils_number_is_kept_out_of_words_and_tags(world: World) -> None:
    photo = world.uploads(no_pupils="true", declared="false", title="U999299900001", to=("shared-site",))
    assert world.reasons(photo, "shared-site") == {"words:held"}
    photo = world.uploads(no_pupils="true", declared="false", tags=["U9992 9990 0001", "walk"], to=("shared-site",))
    assert world.photo(photo)["words"]["tags"] == ["walk"]


@pytest.mark.parametrize("place", ["W.C.", "boys' locker room", "Toilets", "the changing rooms"])
def test_a_prohibited_place_is_known_by_all_its_names(world: World, place: str) -> None:
    photo = world.uploads(no_pupils="true", declared="false", place=place, to=("shared-site",))
    assert world.outcome(photo, "shared-site") == "rejected"


def test_a_high_profile_picture_goes_out_by_itself_once_every_parent_has_agreed_to_it(world: World) -> None:
    ada = world.pupil("Ada Frost")
    for parent in ("mother", "father"):
        world.person(ada, relation=parent, authority="parental-responsibility")
    photo = world.uploads(ada, to=("high-profile",))
    term = {"photo": photo, "expires_on": "2028-06-30", "on": "now"}
    world.agrees(ada, "high-profile", relation="father", **term)
    world.works()
    assert world.outcome(photo, "high-profile") == "rejected"
    world.agrees(ada, "high-profile", **term)
    world.works()
    assert world.outcome(photo, "high-profile") == "approved"


def test_a_yes_that_ends_before_it_was_given_is_refused(world: World) -> None:
    ada = world.pupil("Ada Frost")
    answer = world.answers(ada, "shared-site", expires_on="2020-12-31")
    assert answer.status_code == 422


def test_the_same_no_is_written_down_once_however_often_the_register_changes(world: World) -> None:
    ada, ben = world.pupil("Ada Frost"), world.pupil("Ben Okoro")
    photo = world.uploads(ada, ben)
    before = len(world.client.get("/v1/decisions", headers=world.as_role(Role.HEAD)).json()["items"])
    for _ in range(3):
        world.agrees(ada, "shared-site")
        world.works()
    after = len(world.client.get("/v1/decisions", headers=world.as_role(Role.HEAD)).json()["items"])
    assert (world.outcome(photo), after) == ("held", before)


def test_a_sqlite_file_takes_one_school(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEKEEPER_DATA_DIR", str(tmp_path / "data"))
    for ended in (0, 1):
        monkeypatch.setattr(
            "sys.argv", ["gatekeeper", "init", "--school", f"School {ended}", "--headteacher", "h@school.example"]
        )
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert int(stopped.value.code or 0) == ended
    assert "Traceback" not in capsys.readouterr().err


def test_a_policy_that_is_no_text_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEKEEPER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("sys.argv", ["gatekeeper", "init", "--school", "A", "--headteacher", "h@school.example"])
    with pytest.raises(SystemExit):
        cli.main()
    (tmp_path / "policy.toml").write_bytes(operate.default_policy().encode("utf-16"))
    monkeypatch.setattr("sys.argv", ["gatekeeper", "policy", "apply", str(tmp_path / "policy.toml")])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert "not text" in capsys.readouterr().err
