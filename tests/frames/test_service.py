"""From a stored file to clips in S3, on real servers: shown, rendered, deleted, crashed and done again."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest

from common.contract.clips import ClipIndex
from common.contract.errors import ErrorKind, Problem
from common.contract.events import ClipReady, MediaPlanned, MediaReady, MediaStored
from common.contract.media import Medium
from common.contract.questions import ClipList, DeleteMedium, ListClips, Question, RenderFrame, RenderFrames
from common.sandbox.decoder import decode_clip
from common.storage.objects import media_prefix, thumbnail_key
from tests.footage import Asker, running_footage
from tests.frames.images import decoded
from tests.media import number_in, truncated, write_image, write_video

pytestmark = pytest.mark.servers
FRAMES = 47
PROJECT = "p1"


@pytest.fixture(scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRACKLANE_FRAMES_PER_CLIP", "20")
        async with running_footage(tmp_path_factory.mktemp("frames")) as asker:
            yield asker


@pytest.fixture(scope="module", params=["bframes.mp4", "mpeg4.avi"])
async def medium(request: pytest.FixtureRequest, asker: Asker, tmp_path_factory: pytest.TempPathFactory) -> Medium:
    videos: dict[str, dict[str, Any]] = {"bframes.mp4": {"bframes": 2, "gop": 24}, "mpeg4.avi": {"codec": "mpeg4"}}
    path = write_video(tmp_path_factory.mktemp("video") / request.param, FRAMES, **videos[request.param])
    medium = await asker.upload(path.name, path.read_bytes())
    return await asker.processed(medium.id)


def ask_for_clips(medium: Medium) -> ListClips:
    return ListClips(project_id=PROJECT, media_id=medium.id)


def all_proxies(found: ClipList) -> bool:
    return [clip.rendition for clip in found.clips] == ["proxy"] * 3


async def facts_about(asker: Asker, media_id: str) -> dict[str, list[str]]:
    """Ids of the published facts about a medium, by type, in order."""
    client = await nats.connect(asker.stack.servers.nats.url("admin"))
    jetstream = client.jetstream()
    published: dict[str, list[str]] = {}
    last = (await jetstream.stream_info("CLIPS")).state.last_seq
    for sequence in range(1, last + 1):
        message = await jetstream.get_msg("CLIPS", seq=sequence)
        headers = message.headers or {}
        if headers.get("ce-subject") == media_id:
            published.setdefault(headers["ce-type"], []).append(headers["ce-id"])
    await client.close()
    return published


async def test_a_video_is_ready_in_clips(medium: Medium) -> None:
    assert (medium.state, medium.frame_count, medium.fps) == ("ready", FRAMES, 25.0)
    assert [(clip.first, clip.last, clip.state) for clip in medium.clips] == [
        (0, 19, "ready"),
        (20, 39, "ready"),
        (40, 46, "ready"),
    ]


async def test_every_clip_ends_up_as_a_proxy_with_its_numbers(asker: Asker, medium: Medium) -> None:
    found = await asker.until(ask_for_clips(medium), all_proxies)

    for clip in found.clips:
        index = ClipIndex.model_validate_json(await asker.objects.get(clip.index_key))
        samples = io.BytesIO(await asker.objects.get(clip.samples_key))
        shown = [(number, number_in(image)) for number, image in decode_clip(index, samples)]
        assert shown == [(n, n) for n in range(clip.first, clip.last + 1)]


async def test_every_fact_is_published_once(asker: Asker, medium: Medium) -> None:
    await asker.until(ask_for_clips(medium), all_proxies)
    await asyncio.sleep(0.5)
    published = await facts_about(asker, medium.id)

    renditions = 2 if medium.name.endswith("mp4") else 1
    assert len(set(published["clip.ready.v1"])) == 3 * renditions
    assert {name: len(set(ids)) for name, ids in published.items() if name != "clip.ready.v1"} == {
        "media.planned.v1": 1,
        "media.ready.v1": 1,
    }


async def test_exact_frames_are_rendered(asker: Asker, medium: Medium) -> None:
    for frame, image_format, width in ((0, "jpeg", None), (19, "png", 112), (20, "webp", None), (46, "jpeg", 9999)):
        rendered = {"frame": frame, "format": image_format, "width": width}
        question = RenderFrame.model_validate({"project_id": PROJECT, "media_id": medium.id, **rendered})
        first, again = await asyncio.gather(asker.ask(question), asker.ask(question))
        image = decoded(await asker.objects.get(first.object_key))
        assert first == again
        assert image.shape[1::-1] == (first.width, first.height)
        assert number_in(image) == frame


async def test_many_frames_come_in_one_strip(asker: Asker, medium: Medium) -> None:
    wanted = [46, 0, 21, 22, 5, 0]
    strip = await asker.ask(RenderFrames(project_id=PROJECT, media_id=medium.id, frames=wanted))

    content = io.BytesIO(await asker.objects.get(strip.object_key))
    images = [decoded(content.read(size)) for size in strip.sizes]
    assert strip.frames == [0, 5, 21, 22, 46]
    assert [number_in(image) for image in images] == strip.frames


async def test_frames_and_media_that_do_not_exist_are_refused(asker: Asker, medium: Medium) -> None:
    questions: tuple[Question[Any], ...] = (
        RenderFrame(project_id=PROJECT, media_id=medium.id, frame=FRAMES),
        RenderFrame(project_id="other", media_id=medium.id, frame=0),
        RenderFrame(project_id=PROJECT, media_id="nothing", frame=0),
        ListClips(project_id="other", media_id=medium.id),
    )
    for question in questions:
        with pytest.raises(Problem) as refused:
            await asker.ask(question)
        assert refused.value.kind == ErrorKind.NOT_FOUND


async def test_a_medium_has_a_thumbnail(asker: Asker, medium: Medium) -> None:
    content = await asker.objects.get(thumbnail_key(PROJECT, medium.id))

    assert number_in(decoded(content)) == 0


@pytest.mark.parametrize("name", ["turned.jpg", "plain.png"])
async def test_an_image_is_one_clip_of_one_frame(asker: Asker, tmp_path: Path, name: str) -> None:
    path = write_image(tmp_path / name, 9, orientation=6 if name == "turned.jpg" else 1)
    medium = await asker.processed((await asker.upload(name, path.read_bytes())).id)
    (clip,) = (await asker.ask(ask_for_clips(medium))).clips
    rendered = await asker.ask(RenderFrame(project_id=PROJECT, media_id=medium.id, frame=0, format="png", width=64))

    assert (medium.state, medium.frame_count, clip.rendition) == ("ready", 1, "still")
    assert (medium.width, medium.height) == ((96, 224) if name == "turned.jpg" else (224, 96))
    assert rendered.width == 64
    index = ClipIndex.model_validate_json(await asker.objects.get(clip.index_key))
    ((number, image),) = decode_clip(index, io.BytesIO(await asker.objects.get(clip.samples_key)))
    assert number == 0
    assert image.shape[:2] == (medium.height, medium.width)


async def test_undecodable_files_fail_with_a_reason(asker: Asker, tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a.mp4", 60)
    without_header = truncated(whole, 0.5).read_bytes()
    cut_image = truncated(write_image(tmp_path / "a.jpg", size=(640, 480)), 0.5).read_bytes()

    for name, content in (("cut.mp4", without_header), ("cut.jpg", cut_image), ("zeros.avi", b"RIFF\0\0\0\0AVI " * 9)):
        medium = await asker.processed((await asker.upload(name, content)).id)
        assert medium.state == "failed", name
        assert medium.reason is not None, name


async def test_a_stored_fact_that_is_delivered_again_changes_nothing(asker: Asker, medium: Medium) -> None:
    await asker.until(ask_for_clips(medium), all_proxies)
    client = await nats.connect(asker.stack.servers.nats.url("admin"))
    jetstream = client.jetstream()
    before = await asker.processed(medium.id)
    for sequence in range(1, (await jetstream.stream_info("MEDIA")).state.last_seq + 1):
        message = await jetstream.get_msg("MEDIA", seq=sequence)
        subject, content = message.subject or "", message.data or b""
        if subject.startswith(MediaStored.type) and medium.id in content.decode():
            await jetstream.publish(subject, content)
    await asyncio.sleep(1)
    await client.close()

    assert await asker.processed(medium.id) == before
    published = await facts_about(asker, medium.id)
    for fact in (MediaPlanned, MediaReady, ClipReady):
        assert len(set(published[f"{fact.type}.v1"])) <= 6


async def test_a_killed_service_continues(asker: Asker, tmp_path: Path) -> None:
    path = write_video(tmp_path / "killed.avi", 400, codec="mpeg4", size=(640, 360))
    medium = await asker.upload(path.name, path.read_bytes())
    for _ in range(3):
        await asyncio.sleep(0.7)
        await asker.stack.kill("frames")
        await asker.stack.revive("frames")

    done = await asker.processed(medium.id, 120)

    assert (done.state, done.frame_count, len(done.clips)) == ("ready", 400, 20)
    clips = (await asker.ask(ask_for_clips(medium))).clips
    stored = {
        item.object_name.removeprefix(media_prefix(PROJECT, medium.id))
        for item in asker.objects._minio.list_objects(
            asker.objects.bucket, media_prefix(PROJECT, medium.id), recursive=True
        )
    }
    assert len(clips) == 20
    made = {f"clips/{n}.proxy{end}" for n in range(20) for end in ("", ".json")}
    assert stored == made | {"source", "thumbnail"}


async def test_deleting_a_medium_while_it_is_processed_leaves_nothing(asker: Asker, tmp_path: Path) -> None:
    path = write_video(tmp_path / "deleted.avi", 300, codec="mpeg4", size=(640, 360))
    medium = await asker.upload(path.name, path.read_bytes())
    await asker.until(ask_for_clips(medium), lambda found: bool(found.clips))

    await asker.ask(DeleteMedium(media_id=medium.id))

    prefix = media_prefix(PROJECT, medium.id)
    async with asyncio.timeout(30):
        quiet = 0
        while quiet < 5:
            left = list(asker.objects._minio.list_objects(asker.objects.bucket, prefix, recursive=True))
            quiet = 0 if left else quiet + 1
            await asyncio.sleep(0.2)
    assert (await asker.ask(ask_for_clips(medium))).clips == []
