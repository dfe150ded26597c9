"""Facts about a medium come in any order, and twice: the record is the same."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from common.contract.errors import Reason, reason_for
from common.contract.events import ClipReady, ClipState, MediaFailed, MediaPlanned, MediaReady
from common.contract.media import Conditions, Footage
from common.service.settings import Settings
from common.storage.mongo import database
from common.storage.objects import Objects
from deploy.local.servers import embedded_servers
from ingest.domain.media import medium_of
from ingest.media import consumers as handlers
from ingest.media.repository import MIGRATIONS, MediaStore

pytestmark = pytest.mark.servers
LATE = reason_for("processing_failed_repeatedly")
# A message that MongoDB would take for a field, were it not stored as a literal.
FIRST = Reason(code="checksum_mismatch", message="$first")
FOOTAGE = Footage(width=640, height=480, fps=25, frame_count=3000, duration_s=120, clip_count=2)
ABOUT: dict[str, Any] = {"project_id": "p"}
Handler = Callable[[Any, MediaStore], Awaitable[None]]


@pytest.fixture(scope="module")
async def media(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaStore]:
    async with embedded_servers(tmp_path_factory.mktemp("projection")) as servers:
        settings = Settings(**servers.settings("ingest"))
        store = MediaStore(database(settings), Objects(settings.s3_url))
        for migration in MIGRATIONS:
            await migration(store.database)
        yield store


async def recorded(media: MediaStore, media_id: str) -> None:
    conditions = Conditions(weather="Sunny", lighting="Day", fov="Unknown").model_dump()
    upload = {"project_id": "p", "media_id": media_id, "name": "A.mp4", "kind": "video", "size_bytes": 1}
    upload |= {"conditions": conditions, "author": "ada", "sha256": None}
    await media.record(upload, "video/mp4", 1.0)


def facts(media_id: str) -> list[tuple[Handler, Any]]:
    about = ABOUT | {"media_id": media_id}
    clip = about | {"rendition": "copy", "index_key": "k", "width": 640, "height": 480, "fps": 25}
    labels = about | {"clip": 1, "objects": 2}
    return [
        (handlers.note_plan, MediaPlanned(**about, footage=FOOTAGE)),
        (handlers.note_clip, ClipReady(**clip, clip=0, first=0, last=1799)),
        (handlers.note_clip, ClipReady(**clip, clip=1, first=1800, last=2999)),
        (handlers.note_clip, ClipReady(**(clip | {"rendition": "proxy"}), clip=1, first=1800, last=2999)),
        (handlers.note_ready, MediaReady(**about, footage=FOOTAGE)),
        (handlers.note_failure, MediaFailed(**about, reason=LATE)),
        (handlers.note_labels, ClipState(**labels, revision=1, label_state="auto")),
        (handlers.note_labels, ClipState(**labels, revision=3, label_state="labeled")),
        (handlers.note_labels, ClipState(**labels, revision=2, label_state="unlabeled")),
        (handlers.note_labels, ClipState(**(labels | {"clip": 0}), revision=1, label_state="auto")),
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_and_twice_is_the_same_medium(media: MediaStore, seed: int) -> None:
    media_id = f"m{seed}"
    await recorded(media, media_id)
    told = facts(media_id) * 2
    random.Random(seed).shuffle(told)

    for handler, fact in told:
        await handler(fact, media)

    record = await media.find(media_id)
    assert record is not None
    medium = medium_of(record)
    assert (medium.state, medium.reason, medium.label_state, medium.objects) == ("ready", None, "labeled", 4)
    assert [(clip.state, clip.label_state, clip.last) for clip in medium.clips] == [
        ("ready", "auto", 1799),
        ("ready", "labeled", 2999),
    ]


async def test_a_failure_keeps_its_first_reason(media: MediaStore) -> None:
    await recorded(media, "failing")
    await media.failed("failing", FIRST)
    await media.failed("failing", LATE)

    record = await media.find("failing")
    assert record is not None
    assert (medium_of(record).state, medium_of(record).reason) == ("failed", FIRST)


async def test_facts_about_a_deleted_medium_do_not_bring_it_back(media: MediaStore) -> None:
    for handler, fact in facts("never"):
        await handler(fact, media)

    assert await media.find("never") is None


async def test_a_deletion_that_was_broken_off_is_found_again(media: MediaStore) -> None:
    await recorded(media, "going")
    record = await media.find("going")
    assert record is not None

    await media.note_deletion(record, delete_source=True)

    assert [deletion["_id"] for deletion in await media.deletions()] == ["going"]
    await media.finish_deletion((await media.deletions())[0])
    assert await media.deletions() == []
    assert await media.find("going") is None


async def test_lists_read_an_index_only_as_far_as_needed(media: MediaStore) -> None:
    order = [("created_at", -1), ("_id", -1)]
    filters = {"project_id": "p", "state": "ready", "name_lower": {"$regex": "a"}}
    plan = await media.database.media.find(filters).sort(order).limit(3).explain()

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in stages
    assert "COLLSCAN" not in stages
    assert "'SORT'" not in stages
