"""The web editor of the demonstration looks at pictures whose files name somebody who is not tagged."""

from service.demo.plot import SCENES
from service.demo.stage import Stage
from storage.users import Role


def look(stage: Stage) -> None:
    """Look at what waits: pictures without children, in which the camera's software has tagged whoever made the thing shown."""
    editor = stage.people[Role.EDITOR]
    expected = {stage.photos[scene.title] for scene in SCENES if not scene.pupils}
    waiting = {one["id"] for one in editor.get("/v1/photos?waiting=metadata").body["items"]}
    stage.check(f"{len(waiting)} pictures wait, as their files name a child whom nobody tagged", true=waiting == expected)
    seen = [
        editor.get(f"/v1/photos/{photo}/preview").succeeded
        and editor.send("PATCH", f"/v1/photos/{photo}", {"metadata_seen": True}).succeeded
        for photo in sorted(waiting)
    ]
    stage.check("the web editor looks, and says that nobody is to be seen in them", true=all(seen))
