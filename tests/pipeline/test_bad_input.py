"""Bad input and bad days: each gets a clear reason, no service dies, nothing half-made stays."""

import io
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import av
import numpy as np
import pytest

from tests.person import CONDITIONS, Json, Person, create, new_id
from tests.stack import Stack

pytestmark = pytest.mark.servers
NOBODYS = "0123456789abcdefghjk"


def video(frames: int, container: str = "mp4", codec: str = "libx264") -> bytes:
    """A small video of noise."""
    written = io.BytesIO()
    dice = np.random.default_rng(frames)
    with av.open(written, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(frames):
            image = dice.integers(0, 255, (64, 96, 3), dtype=np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        output.mux(stream.encode())
    return written.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is enormous."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


async def bring(person: Person, project: str, name: str, content: bytes, kind: str = "video") -> Json:
    """What becomes of a file: the problem that refused it, or the medium when it is processed."""
    body = {"name": name, "size_bytes": len(content), "kind": kind, **CONDITIONS}
    started = await person.http.post(f"/api/v1/projects/{project}/uploads", json=body)
    if not started.is_success:
        return problem(started.json())
    upload = started.json()
    if content:
        await person.ask("PUT", f"/uploads/{upload['id']}/parts/1", content=content)
    finished = await person.http.post(f"/api/v1/uploads/{upload['id']}/complete")
    if not finished.is_success:
        return problem(finished.json())
    return await person.until_processed(finished.json()["id"])


def problem(found: Json) -> Json:
    assert {"title", "status", "detail"} <= set(found), found
    assert 400 <= found["status"] < 500
    return {"state": "refused", "reason": found}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("empty.mp4", b"", "video"),
        ("text.mp4", b"this is not a video at all\n" * 100, "video"),
        ("picture.jpg", b"GIF89a" + b"\0" * 100, "image"),
        ("picture.gif", b"GIF89a" + b"\0" * 100, "image"),
        ("bomb.png", png_header(60_000, 60_000), "image"),
        ("none.avi", video(0, "avi", "mpeg4"), "video"),
        ("cut.mp4", video(30)[:3000], "video"),
        ("is-a-video.jpg", video(3), "image"),
        ("broken.png", png_header(100, 100), "image"),
        ("other.mkv", video(3, "matroska"), "video"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_that_cannot_be_labeled_has_a_reason(
    ada: Person, project: str, name: str, content: bytes, kind: str
) -> None:
    found = await bring(ada, project, name, content, kind)

    assert found["state"] in ("refused", "failed"), found
    assert found["reason"]["code"], found


async def test_a_video_of_one_frame_is_a_video(ada: Person, project: str) -> None:
    found = await bring(ada, project, "one.mp4", video(1))

    assert (found["state"], found["frame_count"], len(found["clips"])) == ("ready", 1, 1)


async def test_frames_are_counted_by_decoding_not_by_the_header(ada: Person, project: str) -> None:
    content = video(68, "avi", "mpeg4")
    place = content.index(b"avih") + 8 + 16
    assert struct.unpack_from("<I", content, place) == (68,)
    lying = content[:place] + struct.pack("<I", 10_000) + content[place + 4 :]

    found = await bring(ada, project, "lying.avi", lying)

    assert (found["state"], found["frame_count"]) == ("ready", 68)


async def test_an_interrupted_upload_resumes(ada: Person, project: str) -> None:
    dice = np.random.default_rng(1)
    content = video(5) + b"\0\0\0\0free" + dice.bytes(20_000_000)
    upload = await ada.start_upload(project, "long.mp4", len(content))
    size = upload["part_size_bytes"]
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    assert len(parts) > 1
    await ada.ask("PUT", f"/uploads/{upload['id']}/parts/2", content=parts[1])

    async def broken() -> AsyncIterator[bytes]:
        yield parts[0][: size // 2]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await ada.http.put(
            f"/api/v1/uploads/{upload['id']}/parts/1", content=broken(), headers={"Content-Length": str(size)}
        )
    stored = (await ada.ask("GET", f"/uploads/{upload['id']}"))["parts"]
    await ada.ask("POST", f"/uploads/{upload['id']}/complete", 409)
    for number, part in enumerate(parts, 1):
        if number != 2:
            await ada.ask("PUT", f"/uploads/{upload['id']}/parts/{number}", content=part)
    medium = await ada.ask("POST", f"/uploads/{upload['id']}/complete")
    again = await ada.ask("POST", f"/uploads/{upload['id']}/complete")

    assert "2" in str(stored)
    assert medium["id"] == again["id"]
    assert (await ada.until_processed(medium["id"]))["frame_count"] == 5


async def test_a_part_of_the_wrong_size_is_refused(ada: Person, project: str) -> None:
    upload = await ada.start_upload(project, "short.mp4", 20_000_000)

    refused = await ada.http.put(f"/api/v1/uploads/{upload['id']}/parts/1", content=b"x" * 1000)

    assert refused.status_code == 422
    assert "bytes" in refused.json()["detail"]


async def test_unknown_ids_are_refused_by_name(ada: Person, project: str) -> None:
    medium = await bring(ada, project, "fine.mp4", video(5))
    run = {"kind": "detect", "model": "no-such-model", "media": [medium["id"]]}
    export = {"name": "x", "format": "coco 1.0"}

    no_model = await ada.http.post(f"/api/v1/projects/{project}/runs", json=run)
    no_format = await ada.http.post(f"/api/v1/projects/{project}/exports", json=export)

    assert no_model.status_code in (404, 422)
    assert "no-such-model" in no_model.text
    assert no_format.status_code == 422
    assert "coco 1.0" in no_format.text
    for path in (f"/projects/{NOBODYS}", f"/media/{NOBODYS}", f"/runs/{NOBODYS}", f"/exports/{NOBODYS}"):
        await ada.ask("GET", path, 404)
    await ada.ask("POST", f"/projects/{NOBODYS}/uploads", 404, json={})


async def test_invalid_edits_are_refused_one_by_one(ada: Person, project: str) -> None:
    medium = await bring(ada, project, "edited.mp4", video(5))
    good, beyond = create(), create(frame=4000)
    flat = create(x1=5, y1=5, x2=5, y2=5)
    orphan = {"id": new_id(), "object": new_id(), "base_revision": 1, "verb": "delete"}

    results = await ada.edit(medium["id"], good, beyond, flat, orphan)
    none = await ada.edit(medium["id"], create(), create(frame=4000), atomic=True)

    assert [result["status"] for result in results] == ["applied", "refused", "refused", "refused"]
    assert all(result["reason"] for result in results[1:])
    assert "applied" not in [result["status"] for result in none]
    assert len(await ada.objects(medium["id"])) == 1
    nan = await ada.http.post(
        f"/api/v1/media/{medium['id']}/edits",
        content=b'{"edits":[{"id":"a","object":"b","base_revision":0,"verb":"create","x":NaN}]}',
        headers={"Content-Type": "application/json"},
    )
    (refused,) = nan.json()["results"]
    assert (refused["status"], bool(refused["reason"])) == ("refused", True)
    deep = await ada.http.post(
        f"/api/v1/media/{medium['id']}/edits",
        content=b"[" * 100_000,
        headers={"Content-Type": "application/json"},
    )
    assert 400 <= deep.status_code < 500


async def test_every_service_is_still_running(stack: Stack) -> None:
    await stack.until_ready()

    assert all(child.is_running for child in stack.run.values())
