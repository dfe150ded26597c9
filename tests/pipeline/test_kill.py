"""`kill -9` at random moments over random services while the pipeline runs: the end state is that of a quiet day.

Twice the same day of work: media uploaded, auto-labeled, edited, exported. Once undisturbed, once with a process
killed again and again. A client that gets no answer asks again, with the same ids and idempotency keys.
"""

import asyncio
import collections
import hashlib
import io
import json
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest

from common.contract.events import AnnotationChanged, ClipReady, ExportReady, LabelsSuggested, MediaReady, MediaStored
from tests.person import CONDITIONS, Json, Person, is_json, signed_in
from tests.stack import Stack

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(1500)]
CLIP = Path(__file__).parents[2] / "deploy/local/demo/clip.mp4"
MEDIA = 2
SEED = 20261121


class RetryingPerson(Person):
    """Asks until there is an answer: what a browser's outbox and a good script do."""

    async def ask(self, method: str, path: str, status: int | None = None, **request: Any) -> Any:
        for _ in range(400):
            try:
                answer = await self.http.request(method, f"/api/v1{path}", **request)
            except httpx.TransportError:
                await asyncio.sleep(0.25)
                continue
            if answer.status_code < 500:
                break
            await asyncio.sleep(0.25)
        else:
            raise AssertionError(f"{method} {path} got no answer")
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content and is_json(answer) else answer.content

    async def upload_once(self, project: str, name: str, content: bytes) -> str:
        """An upload whose every step may be repeated."""
        body = {"name": name, "size_bytes": len(content), "kind": "video", **CONDITIONS}
        key = {"Idempotency-Key": f"upload-{name}"}
        upload = await self.ask("POST", f"/projects/{project}/uploads", json=body, headers=key)
        await self.ask("PUT", f"/uploads/{upload['id']}/parts/1", content=content)
        return str((await self.ask("POST", f"/uploads/{upload['id']}/complete"))["id"])

    async def run_once(self, project: str, media: str, model: str) -> str:
        body = {"kind": "detect", "model": model, "media": [media], "accept": "auto"}
        key = {"Idempotency-Key": f"run-{media}"}
        return str((await self.ask("POST", f"/projects/{project}/runs", json=body, headers=key))["id"])

    async def export_once(self, project: str, form: str) -> bytes:
        body = {"name": "day", "format": form, "save_images": False}
        key = {"Idempotency-Key": f"export-{form}"}
        export = await self.ask("POST", f"/projects/{project}/exports", json=body, headers=key)
        done = await self.until(f"/exports/{export['id']}", lambda e: e["state"] in ("done", "failed"), 240)
        assert done["state"] == "done", done
        archive: bytes = await self.ask("GET", f"/exports/{export['id']}/archive")
        return archive


async def day_of_work(person: RetryingPerson, project: str) -> Json:
    """The same work each time; what is there at its end, without ids and times."""
    content = await asyncio.to_thread(CLIP.read_bytes)
    model = (await person.ask("GET", "/models"))["items"][0]["id"]
    media = [await person.upload_once(project, f"{number}.mp4", content) for number in range(MEDIA)]
    for media_id in media:
        await person.until(f"/media/{media_id}", lambda found: found["state"] == "ready", 240)
    runs = [await person.run_once(project, media_id, model) for media_id in media]
    drawn = [edit for media_id in media for edit in await draw(person, project, media_id)]
    for run in runs:
        done = await person.until(f"/runs/{run}", lambda found: found["state"] in ("done", "failed"), 400)
        assert done["state"] == "done", done
    return await end_state(person, project, media, drawn)


async def draw(person: RetryingPerson, project: str, media_id: str) -> list[str]:
    """Draw, move, rename, delete and bring back, in batches; the objects' ids."""
    objects = [stable_id(project, media_id, number) for number in range(6)]
    for step, verb in enumerate(("create", "put_keyframe", "set_category", "put_keyframe", "delete", "restore")):
        edits = [edit_of(verb, object_id, step) for object_id in objects]
        results = (await person.ask("POST", f"/media/{media_id}/edits", json={"edits": edits}))["results"]
        assert {result["status"] for result in results} <= {"applied", "duplicate"}, results
        assert {result["revision"] for result in results} == {step + 1}
    return objects


def edit_of(verb: str, object_id: str, step: int) -> Json:
    edit: Json = {"id": stable_id(object_id, step), "object": object_id, "base_revision": step, "verb": verb}
    corners = {"kind": "bbox", "x1": 10.0 + step, "y1": 10, "x2": 60 + step, "y2": 40}
    match verb:
        case "create":
            keyframes = [{"frame": 0, "geometry": corners}]
            edit |= {"mission": "Object Detection", "category": "Vehicle", "keyframes": keyframes}
        case "put_keyframe":
            edit |= {"keyframe": {"frame": 10 * step, "geometry": corners}}
        case "set_category":
            edit |= {"category": "Bicycle"}
        case "restore":
            edit |= {"revision": 4}
    return edit


def stable_id(*what: str | int) -> str:
    return hashlib.sha256("/".join(map(str, what)).encode()).hexdigest()[:20]


async def end_state(person: RetryingPerson, project: str, media: list[str], drawn: list[str]) -> Json:
    """All that a person can see at the end, in words that are the same for the same work."""
    ready = []
    missions = {
        known["id"]: known["name"] for known in (await person.ask("GET", f"/projects/{project}/missions"))["items"]
    }
    for number, media_id in enumerate(media):
        objects = await until_unchanged(person, media_id)
        medium = await until_counted(person, media_id, len(objects))
        history = [(await person.ask("GET", f"/objects/{found}/history"))["items"] for found in drawn[:1]]
        ready.append(
            {
                "name": medium["name"],
                "frames": medium["frame_count"],
                "clips": medium["clips"],
                "sha256": medium["sha256"],
                "objects": sorted(
                    json.dumps(plain(found) | {"mission": missions[found["mission"]]}, sort_keys=True)
                    for found in objects
                ),
                "history": [[entry["edit"]["verb"] for entry in entries] for entries in history] if not number else [],
            }
        )
    archives = {form: await person.export_once(project, form) for form in ("COCO 1.0", "ezLabel JSON")}
    return {"media": ready, "archives": {form: contents(archive) for form, archive in archives.items()}}


async def until_counted(person: RetryingPerson, media_id: str, objects: int) -> Json:
    """The medium when its only clip has this many objects."""

    def is_counted(medium: Json) -> bool:
        return medium["label_state"] == "labeled" and [clip["objects"] for clip in medium["clips"]] == [objects]

    return await person.until(f"/media/{media_id}", is_counted, 120)


async def until_unchanged(person: RetryingPerson, media_id: str) -> list[Json]:
    """A medium's objects once the suggestions of its run were filed and no more come."""
    seen = -1
    while True:
        objects = await person.objects(media_id)
        if len(objects) == seen and any(found["source"] == "model" for found in objects):
            return objects
        seen = len(objects)
        await asyncio.sleep(3)


def plain(found: Json) -> Json:
    own = {"id", "uid", "project_id", "media_id", "run_id", "author", "created_at", "ids"}
    return {name: value for name, value in found.items() if name not in own}


def contents(archive: bytes) -> Json:
    """What is in an archive, without ids and without the order that follows from them."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: labels(json.loads(opened.read(name))) for name in opened.namelist()}


def labels(file: Json) -> Any:
    """The boxes of a COCO file by image, or the objects of an ezLabel file."""
    if "annotations" not in file:
        return sorted(json.dumps(plain(found), sort_keys=True) for found in file["objects"])
    image = {image["id"]: image["file_name"] for image in file["images"]}
    category = {category["id"]: category["name"] for category in file["categories"]}
    return sorted([image[b["image_id"]], category[b["category_id"]], b["bbox"]] for b in file["annotations"])


async def kill_at_random(stack: Stack, kills: int) -> None:
    """Kill processes and start them again."""
    dice = random.Random(SEED)
    for _ in range(kills):
        name = dice.choice(sorted(stack.run))
        await stack.kill(name)
        await asyncio.sleep(dice.uniform(0.0, 0.3))
        await stack.revive(name, wait=False)
        await asyncio.sleep(dice.uniform(0.3, 2.5))


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.soak)])
async def test_kills_at_random_moments_change_nothing(stack: Stack, kills: int) -> None:
    async with signed_in(stack) as ada:
        person = RetryingPerson(ada.http, ada.address)
        quiet_project = await person.project("Quiet")
        quiet = await day_of_work(person, quiet_project)

        killing = asyncio.create_task(kill_at_random(stack, kills))
        killed_projects: list[str] = []
        try:
            while not killing.done():
                killed_projects.append(await person.project(f"Killed {len(killed_projects)}"))
                disturbed = await day_of_work(person, killed_projects[-1])
                assert not (found := list(differences(quiet, disturbed))), "\n".join(found[:20])
        finally:
            killing.cancel()
            await stack.until_ready()

    for project in killed_projects:
        await assert_published_once(stack, project, quiet_project)


def differences(quiet: Any, disturbed: Any, at: str = "") -> Iterator[str]:
    """Where two end states are not the same."""
    if isinstance(quiet, dict) and isinstance(disturbed, dict):
        for name in sorted(quiet.keys() | disturbed.keys()):
            yield from differences(quiet.get(name), disturbed.get(name), f"{at}.{name}")
    elif isinstance(quiet, list) and isinstance(disturbed, list) and len(quiet) == len(disturbed):
        for number, pair in enumerate(zip(quiet, disturbed, strict=True)):
            yield from differences(*pair, f"{at}[{number}]")
    elif quiet != disturbed:
        one, other = str(quiet), str(disturbed)
        begin = max(0, len(os.path.commonprefix([one, other])) - 100)  # noqa: RUF071  characters are meant
        yield f"{at} at {begin}: {one[begin : begin + 200]} became {other[begin : begin + 200]}"


async def assert_published_once(stack: Stack, killed: str, quiet: str) -> None:
    """Every fact of the disturbed project was published, each revision of each object in order, none twice."""
    client = await nats.connect(stack.servers.nats.url("admin"))
    for fact in (MediaStored, ClipReady, MediaReady, LabelsSuggested, AnnotationChanged, ExportReady):
        counts = {project: await facts_of(client, fact.stream, fact.pattern(), project) for project in (killed, quiet)}
        assert set(counts[killed].values()) == {1}, f"{fact.type} was published twice"
        assert len(counts[killed]) == len(counts[quiet]), fact.type
    await client.close()


async def facts_of(client: Any, stream: str, pattern: str, project: str) -> collections.Counter[str]:
    """How often each fact of a project was published, by event id."""
    counted: collections.Counter[str] = collections.Counter()
    consumer = await client.jetstream().subscribe(pattern.replace("*", project), stream=stream, ordered_consumer=True)
    while True:
        try:
            message = await consumer.next_msg(timeout=2)
        except TimeoutError:
            break
        counted[message.headers["ce-id"]] += 1
    await consumer.unsubscribe()
    return counted
