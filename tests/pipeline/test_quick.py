"""Quick label on real servers: an object follows a person through a film between the boxes that were set by hand."""

import asyncio
import json
from pathlib import Path

import av
import numpy as np
import pytest

from common.contract.errors import reason_for
from inference.domain.cxcywh import cxcywh_of, iou_of_cxcywh, xyxy_of
from tests.inference.stroll import film_stroll
from tests.person import Json, Person, create, move

pytestmark = pytest.mark.servers
FRAMES = np.arange(71)
# Twice to the right and back; the second time she is behind the wall for a while.
SWING = np.where(FRAMES < 30, np.sin(np.pi * FRAMES / 30), np.sin(np.pi * (FRAMES - 30) / 40))
TRUTH = np.stack([100 + 160 * SWING, 90 + 90 * FRAMES / 70, np.full(71, 60.0), np.full(71, 120.0)], axis=1)
HIDDEN = slice(44, 58)


@pytest.fixture(scope="module")
async def video(ada: Person, project: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("film") / "walk.mp4"
    await asyncio.to_thread(shoot, path)
    medium = await ada.until_processed(await ada.upload(project, path))
    assert (medium["state"], medium["frame_count"]) == ("ready", len(TRUTH))
    return str(medium["id"])


def shoot(path: Path) -> None:
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for image in film_stroll(TRUTH, behind=HIDDEN):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        file.mux(stream.encode())


async def drawn(person: Person, video: str, *frames: int) -> Json:
    """The walker as an object, with her box set by hand on some frames."""
    edit = create(category="Pedestrian")
    edit["keyframes"] = [{"frame": frame, "geometry": {"kind": "bbox", **corners(frame)}} for frame in frames]
    (result,) = await person.edit(video, edit)
    assert result["status"] == "applied", result
    stored: Json = result["object"]
    return stored


def corners(frame: int) -> dict[str, float]:
    return dict(zip(("x1", "y1", "x2", "y2"), xyxy_of(TRUTH[frame]).round(2).tolist(), strict=True))


async def ended(person: Person, run: Json) -> Json:
    states = ("done", "failed", "cancelled")
    return await person.until(f"/runs/{run['id']}", lambda run: run["state"] in states)


async def changed(person: Person, video: str, known: Json) -> Json:
    """The object as soon as it is no longer what was known of it."""
    found = await person.until(f"/media/{video}/objects", lambda found: newer(found, known) is not None)
    state = newer(found, known)
    assert state is not None
    return state


def newer(found: Json, known: Json) -> Json | None:
    states = (state for state in found["items"] if state["id"] == known["id"])
    return next((state for state in states if state["revision"] > known["revision"]), None)


def made(state: Json, source: str) -> list[Json]:
    """Those of an object's keyframes that come from there."""
    return [keyframe for keyframe in state["keyframes"] if keyframe["source"] == source]


async def normalized_correlation(person: Person, video: str, walker: Json, first: int, last: int) -> float:
    """The mean overlap of the boxes on frames first…last with the true ones."""
    body = await person.ask("GET", f"/media/{video}/boxes", params={"first": first, "last": last})
    rows = [row for row in map(json.loads, body.splitlines()) if row["object_id"] == walker["id"]]
    assert [row["frame"] for row in rows] == list(range(first, last + 1))
    boxes_xyxy = np.array([[row[side] for side in ("x1", "y1", "x2", "y2")] for row in rows])
    return float(iou_of_cxcywh(cxcywh_of(boxes_xyxy), TRUTH[first : last + 1]).mean())


async def test_a_gap_is_filled_where_a_straight_line_fails_and_a_second_run_gives_the_same(
    ada: Person, project: str, video: str
) -> None:
    walker = await drawn(ada, video, 0, 30)
    assert await normalized_correlation(ada, video, walker, 0, 30) < 0.3

    body = {"kind": "quick", "object": walker["id"], "first": 0, "last": 30}
    run = await ended(ada, await ada.ask("POST", f"/projects/{project}/runs", 201, json=body))
    fill_gap = await changed(ada, video, walker)
    again = await ended(ada, await ada.ask("POST", f"/objects/{walker['id']}/quick", 201, json={}))
    refilled = await changed(ada, video, fill_gap)

    for done in (run, again):
        assert (done["kind"], done["state"], done["progress"], done["frames_done"]) == ("quick", "done", 1.0, 29)
        assert (done["reason"], done["stopped_at"]) == (None, None)
    assert again["id"] != run["id"]
    assert made(fill_gap, "manual") == walker["keyframes"]
    assert {keyframe["source"] for keyframe in fill_gap["keyframes"]} == {"manual", "quick"}
    assert all(0 < keyframe["frame"] < 30 and 0.45 < keyframe["score"] <= 1 for keyframe in made(fill_gap, "quick"))
    assert await normalized_correlation(ada, video, walker, 0, 30) > 0.8
    assert refilled["keyframes"] == fill_gap["keyframes"]


async def test_a_run_stops_with_a_reason_where_the_person_is_hidden(ada: Person, video: str) -> None:
    walker = await drawn(ada, video, 30, 70)

    run = await ended(ada, await ada.ask("POST", f"/objects/{walker['id']}/quick", 201, json={}))
    fill_gap = await changed(ada, video, walker)

    assert (run["state"], run["stopped_at"]) == ("done", pytest.approx(HIDDEN.start, abs=2))
    assert run["reason"] == reason_for("object_lost", frame=run["stopped_at"]).model_dump()
    assert made(fill_gap, "manual") == walker["keyframes"]
    frames = [keyframe["frame"] for keyframe in made(fill_gap, "quick")]
    assert not [frame for frame in frames if run["stopped_at"] <= frame < HIDDEN.stop - 2]
    assert await normalized_correlation(ada, video, walker, 30, 42) > 0.8
    assert await normalized_correlation(ada, video, walker, 60, 70) > 0.8


async def test_edits_made_during_a_run_are_kept(ada: Person, video: str) -> None:
    walker = await drawn(ada, video, 0, 30)

    run = await ada.ask("POST", f"/objects/{walker['id']}/quick", 201, json={"first": 0, "last": 30})
    (result,) = await ada.edit(video, move(walker, 15, **corners(16)))
    working = await ada.ask("GET", f"/runs/{run['id']}")
    done = await ended(ada, run)
    fill_gap = await changed(ada, video, result["object"])

    assert (result["status"], working["state"] in ("queued", "running"), done["state"]) == ("applied", True, "done")
    assert made(fill_gap, "manual") == result["object"]["keyframes"]
    assert [keyframe["frame"] for keyframe in made(fill_gap, "manual")] == [0, 15, 30]
    sides = {keyframe["frame"] < 15 for keyframe in made(fill_gap, "quick")}
    assert sides == {True, False}
