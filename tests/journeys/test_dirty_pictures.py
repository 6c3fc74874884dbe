"""Pictures as cameras and helpful colleagues leave them: what goes out is pixels, and the file's name is nowhere."""

import pytest
from sqlalchemy import select

from service.demo.pictures import demo_picture
from storage.tables import metadata
from tests.parts.world import World

NAMES = ("Ottoline Brackwater", "Peregrine Silverthorn")


@pytest.mark.parametrize("key", ["class-group", "painting", "castle", "blocks"], ids=["jpeg", "png", "webp", "heic"])
def test_nothing_planted_in_an_upload_reaches_a_reader_and_its_name_is_kept_nowhere(
    world: World, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    children = [world.pupil(name) for name in NAMES]
    for child in children:
        world.agrees(child)
    dirty = demo_picture(key, NAMES)

    photo = world.uploads(*children, to=("website",), file=(dirty.file_name, dirty.content), title="Autumn")
    publication = world.publication(photo)

    answers = [world.reads(publication, name) for name in ("320", "800", "1600")]
    assert [(one.status_code, one.headers["content-type"]) for one in answers] == [(200, "image/jpeg")] * 3
    assert [text for text in dirty.planted for one in answers if text in one.content] == []
    assert {one["kind"] for one in world.photo(photo)["removed"]}, "it says what was taken out"
    stem = dirty.file_name.rsplit(".", 1)[0].casefold()
    told = [str(world.photo(photo)), str(world.published()), str(world.changes()), *(str(one.headers) for one in answers)]
    assert [one for one in (*told, everything_stored(world), *capfd.readouterr()) if stem in one.casefold()] == []


def everything_stored(world: World) -> str:
    """Every row of every table, and the key of every object."""
    with world.house.engine.connect() as connection:
        rows = [str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    stores = world.house.stores
    keys = [one.key for store in (stores.published, stores.prepared, stores.quarantine) for one in store.list("")]
    return "\n".join([*rows, *keys])
