"""Uploads on real servers: resumed, refused, named, listed, hashed, deleted."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from common.contract import questions
from common.contract.errors import ErrorKind, Problem, reason_for
from common.contract.media import Medium
from common.storage.objects import media_prefix, source_key
from tests.footage import Asker, running_footage
from tests.media import huge_jpeg, huge_png, write_image, write_video

pytestmark = pytest.mark.servers
MIB = 1024 * 1024


@pytest.fixture(scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    async with running_footage(tmp_path_factory.mktemp("uploads")) as asker:
        yield asker


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_image(tmp_path_factory.mktemp("photo") / "a.jpg").read_bytes()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4", 30).read_bytes()


async def refused(asker: Asker, name: str, content: bytes, **fields: object) -> Problem:
    with pytest.raises(Problem) as raised:
        await asker.upload(name, content, **fields)
    return raised.value


async def stored_under(asker: Asker, medium: Medium) -> list[str]:
    prefix = media_prefix(medium.project_id, medium.id)
    return [
        item.object_name for item in asker.objects._minio.list_objects(asker.objects.bucket, prefix, recursive=True)
    ]


async def test_an_upload_becomes_a_medium_with_its_hash(asker: Asker, video: bytes) -> None:
    digest = hashlib.sha256(video).hexdigest()
    medium = await asker.upload("drive.mp4", video, sha256=digest)

    done = await asker.processed(medium.id)
    done = await asker.until(questions.GetMedium(media_id=medium.id), lambda found: found.sha256 is not None)

    assert (done.state, done.sha256, done.frame_count, done.width) == ("ready", digest, 30, 224)
    assert [(clip.first, clip.last, clip.state) for clip in done.clips] == [(0, 29, "ready")]


async def test_bytes_damaged_in_transit_fail_with_a_reason(asker: Asker, video: bytes) -> None:
    medium = await asker.upload("changed.mp4", video, sha256="0" * 64)

    done = await asker.until(questions.GetMedium(media_id=medium.id), lambda found: found.state == "failed")

    assert done.reason == reason_for("checksum_mismatch")


async def test_parts_arrive_in_any_order_and_an_upload_is_resumed(asker: Asker, video: bytes) -> None:
    content = video + b"\0\0\0\0free" + bytes(17 * MIB)
    upload = await asker.ask(asker.start("parts.mp4", len(content)))
    parts = [content[at : at + upload.part_size_bytes] for at in range(0, len(content), upload.part_size_bytes)]
    assert len(parts) == 3
    await asker.put(upload.id, 3, parts[2])
    await asker.put(upload.id, 1, parts[0])

    with pytest.raises(Problem, match=r"incomplete: 2\.") as incomplete:
        await asker.ask(questions.FinishUpload(upload_id=upload.id))
    stored = (await asker.ask(questions.GetUpload(upload_id=upload.id))).parts
    await asker.put(upload.id, 2, parts[1])
    first = await asker.ask(questions.FinishUpload(upload_id=upload.id))
    second = await asker.ask(questions.FinishUpload(upload_id=upload.id))

    assert incomplete.value.kind == ErrorKind.CONFLICT
    assert stored == {1: len(parts[0]), 3: len(parts[2])}
    assert first.id == second.id == upload.media_id
    assert (await asker.processed(first.id)).frame_count == 30


async def test_a_part_of_the_wrong_size_is_refused(asker: Asker) -> None:
    upload = await asker.ask(asker.start("wrong.mp4", 20 * MIB))

    for number, size in ((1, 1000), (3, 8 * MIB), (4, 8 * MIB)):
        with pytest.raises(Problem) as raised:
            await asker.ask(questions.PresignPart(upload_id=upload.id, number=number, size_bytes=size))
        assert raised.value.kind == ErrorKind.INVALID


async def test_the_same_key_is_the_same_upload(asker: Asker, photo: bytes) -> None:
    first = await asker.ask(asker.start("key.jpg", len(photo), idempotency_key="k"))
    again = await asker.ask(asker.start("key.jpg", len(photo), idempotency_key="k"))

    assert first == again
    with pytest.raises(Problem, match="idempotency_key_reused"):
        await asker.ask(asker.start("key.jpg", len(photo) + 1, idempotency_key="k"))


async def test_names_are_sanitized_and_unique(asker: Asker, photo: bytes) -> None:
    names = [
        (await asker.ask(asker.start(name, len(photo)))).name
        for name in ("C:\\my\x00 \x1bpictures\\dog.jpg", "dog.jpg", "../../DOG.jpg", "dog.jpg")
    ]

    assert names == ["dog.jpg", "dog (2).jpg", "DOG (3).jpg", "dog (4).jpg"]


@pytest.mark.parametrize(
    ("name", "kind", "size", "words"),
    [
        ("film.mkv", "video", 10, "unsupported_file_type"),
        ("film", "video", 10, "unsupported_file_type"),
        ("film.mp4", "image", 10, "file_is_a_video"),
        ("film.mp4", "video", 0, "file_empty"),
        ("photo.jpg", "image", 10 * 1024**3, "file_too_large"),
    ],
)
async def test_an_invalid_request_is_refused_at_the_start(
    asker: Asker, name: str, kind: str, size: int, words: str
) -> None:
    with pytest.raises(Problem, match=words) as raised:
        await asker.ask(asker.start(name, size, kind=kind))

    assert raised.value.kind == ErrorKind.INVALID


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.mp4", b"hello world\n" * 100, "file_is_text"),
        ("gif.jpg", b"GIF89a" + bytes(100), "contains GIF"),
        ("bomb.png", huge_png(), "60000 × 60000"),
        ("bomb.jpg", huge_jpeg(), "60000 × 60000"),
        ("short.jpg", b"\xff\xd8\xff\xe0", "image_header_damaged"),
        ("matroska.avi", b"\x1a\x45\xdf\xa3" + bytes(100), "Matroska"),
    ],
)
async def test_a_file_whose_content_does_not_match_its_name_is_refused_and_deleted(
    asker: Asker, name: str, content: bytes, words: str
) -> None:
    upload = await asker.ask(asker.start(name, len(content)))
    await asker.put(upload.id, 1, content)

    for _ in range(2):
        with pytest.raises(Problem, match=words) as raised:
            await asker.ask(questions.FinishUpload(upload_id=upload.id))
        assert raised.value.kind == ErrorKind.INVALID

    with pytest.raises(LookupError):
        await asker.objects.stat(source_key("p1", upload.media_id))
    assert (await asker.ask(questions.GetUpload(upload_id=upload.id))).state == "aborted"
    with pytest.raises(Problem, match="not_found"):
        await asker.ask(questions.GetMedium(media_id=upload.media_id))
    assert (await asker.ask(asker.start(name, len(content)))).name == name


async def test_an_aborted_upload_accepts_no_parts(asker: Asker, photo: bytes) -> None:
    upload = await asker.ask(asker.start("gone.jpg", len(photo)))
    await asker.put(upload.id, 1, photo)

    await asker.ask(questions.AbortUpload(upload_id=upload.id))
    await asker.ask(questions.AbortUpload(upload_id=upload.id))

    refused: tuple[questions.Question[Any], ...] = (
        questions.PresignPart(upload_id=upload.id, number=1, size_bytes=len(photo)),
        questions.FinishUpload(upload_id=upload.id),
    )
    for question in refused:
        with pytest.raises(Problem) as raised:
            await asker.ask(question)
        assert raised.value.kind == ErrorKind.CONFLICT
    finished = await asker.upload("not-gone.jpg", photo)
    assert finished.name == "not-gone.jpg"


async def test_lists_are_paged_and_filtered(asker: Asker, photo: bytes) -> None:
    made = [await asker.upload(f"List {number}.jpg", photo, project_id="p2") for number in range(5)]
    for medium in made:
        await asker.processed(medium.id)

    first = await asker.ask(questions.ListMedia(project_id="p2", page=questions.PageRequest(limit=3)))
    second = await asker.ask(
        questions.ListMedia(project_id="p2", page=questions.PageRequest(limit=3, cursor=first.next_cursor))
    )
    named = await asker.ask(questions.ListMedia(project_id="p2", q="lIST 3"))
    chosen = await asker.ask(questions.ListMedia(project_id="p2", media=[made[0].id, "other"]))

    assert [item.id for item in first.items + second.items] == [medium.id for medium in reversed(made)]
    assert second.next_cursor is None
    assert [item.name for item in named.items] == ["List 3.jpg"]
    assert [item.id for item in chosen.items] == [made[0].id]
    for filters, count in (
        ({"kind": "image"}, 5),
        ({"kind": "video"}, 0),
        ({"state": "ready"}, 5),
        ({"label_state": "unlabeled"}, 5),
        ({"q": ".*"}, 0),
    ):
        found = await asker.ask(questions.ListMedia.model_validate({"project_id": "p2"} | filters))
        assert len(found.items) == count, filters
    with pytest.raises(Problem, match="invalid_cursor"):
        await asker.ask(questions.ListMedia(project_id="p2", page=questions.PageRequest(cursor="nonsense")))


async def test_a_deleted_medium_leaves_nothing(asker: Asker, video: bytes) -> None:
    medium = await asker.upload("delete.mp4", video)
    await asker.processed(medium.id)
    assert len(await stored_under(asker, medium)) >= 3

    await asker.ask(questions.DeleteMedium(media_id=medium.id))

    with pytest.raises(Problem, match="not_found"):
        await asker.ask(questions.GetMedium(media_id=medium.id))
    await asker.until(questions.ListMedia(project_id="p1", q="delete.mp4"), lambda page: not page.items)
    for _ in range(100):
        if not (left := await stored_under(asker, medium)):
            break
        await asyncio.sleep(0.1)
    assert left == []
