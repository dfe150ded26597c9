"""A video goes in, object tracks come out: the main job on real servers, as a script would do it over HTTP."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
import skimage
from skimage.io import imsave

from tests.person import Person, create, move, signed_in
from tests.stack import Stack

pytestmark = pytest.mark.servers
CLIP = Path(__file__).parents[2] / "deploy/local/demo/clip.mp4"


@pytest.fixture(scope="module")
async def video(ada: Person, project: str) -> str:
    media_id = await ada.upload(project, CLIP)
    medium = await ada.until_processed(media_id)
    assert medium["state"] == "ready", medium
    return media_id


async def test_an_uploaded_video_becomes_clips_that_can_be_fetched(ada: Person, video: str) -> None:
    medium = await ada.medium(video)

    index = await ada.ask("GET", f"/media/{video}/index", params={"clip": 0})
    first = await ada.ask("GET", f"/media/{video}/gops/{index['segments'][0]['id']}")

    assert medium["frame_count"] == index["count"] > 100
    assert [(clip["first"], clip["last"]) for clip in medium["clips"]] == [(0, medium["frame_count"] - 1)]
    assert len(first) == index["segments"][0]["size"]


async def test_an_exact_frame_and_a_thumbnail_are_images(ada: Person, video: str) -> None:
    frame = await ada.ask("GET", f"/media/{video}/frames/17")
    thumbnail = await ada.ask("GET", f"/media/{video}/thumbnail")

    assert frame[:3] == thumbnail[:3] == b"\xff\xd8\xff"


async def test_a_detector_labels_the_video_and_the_archives_hold_its_tracks(
    ada: Person, project: str, video: str
) -> None:
    run = await ada.auto_label(project, video)
    assert run["state"] == "done", run
    frames = (await ada.medium(video))["frame_count"]
    assert run["frames_done"] == frames

    await ada.until(f"/media/{video}/objects", lambda found: len(found["items"]) > 0)
    labels = {found["category"] for found in await ada.objects(video)}
    export, coco = await ada.export(project, "COCO 1.0", media=[video])
    _, ezlabel = await ada.export(project, "ezLabel JSON", media=[video])

    assert {"person", "cat"} <= {label.lower() for label in labels}
    with zipfile.ZipFile(io.BytesIO(coco)) as archive:
        assert archive.testzip() is None
        instances = json.loads(archive.read("annotations/instances_default.json"))
    assert len(instances["annotations"]) > frames
    with zipfile.ZipFile(io.BytesIO(ezlabel)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".json")]
        labeled = json.loads(archive.read(name))
    assert {found["category"] for found in labeled["objects"]} == labels
    assert (export["size_bytes"], export["sha256"]) == (len(coco), hashlib.sha256(coco).hexdigest())


async def test_edits_are_stored_and_come_back_with_history(ada: Person, video: str) -> None:
    drawn = create(frame=3)
    (created,) = await ada.edit(video, drawn)
    (again,) = await ada.edit(video, drawn)
    (moved,) = await ada.edit(video, move(created["object"], 9, 20, 20, 80, 60))

    history = await ada.ask("GET", f"/objects/{drawn['object']}/history")
    boxes = await ada.ask("GET", f"/media/{video}/boxes", params={"first": 6, "last": 6})

    assert (created["status"], again["status"], moved["status"]) == ("applied", "duplicate", "applied")
    assert [entry["revision"] for entry in history["items"]] == [2, 1]
    halfway = [json.loads(row) for row in boxes.splitlines() if drawn["object"] in row.decode()]
    assert [(row["x1"], row["x2"], row["key"]) for row in halfway] == [(15, 70, False)]


async def test_another_persons_project_is_not_found(stack: Stack, project: str, video: str) -> None:
    async with signed_in(stack, "Eve") as eve:
        for path in (
            f"/projects/{project}",
            f"/media/{video}",
            f"/media/{video}/objects",
            f"/projects/{project}/media",
        ):
            await eve.ask("GET", path, 404)
        await eve.ask("POST", f"/media/{video}/edits", 404, json={"edits": [create()]})
        await eve.ask("POST", f"/projects/{project}/exports", 404, json={"name": "x", "format": "COCO 1.0"})


async def test_images_are_labeled_like_a_video_of_one_frame(ada: Person, project: str, tmp_path: Path) -> None:
    image = tmp_path / "astronaut.png"
    imsave(image, skimage.data.astronaut())

    media_id = await ada.upload(project, image, kind="image")
    medium = await ada.until_processed(media_id)
    run = await ada.auto_label(project, media_id)
    await ada.until(f"/media/{media_id}/objects", lambda found: len(found["items"]) > 0)

    assert (medium["state"], medium["frame_count"], medium["width"]) == ("ready", 1, 512)
    assert run["state"] == "done"
    assert "person" in {found["category"].lower() for found in await ada.objects(media_id)}
