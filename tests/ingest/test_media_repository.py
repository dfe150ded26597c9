"""Facts about a medium come in any order, and twice: the record is the same."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from common.contract.errors import Reason, reason_for
from common.contract.events import ClipReady, ClipState, HashMedium, MediaFailed, MediaPlanned, MediaReady, MediaStored
from common.contract.media import Conditions, Footage, Medium
from common.service.settings import Settings
from common.storage.mongo import Database, database
from common.storage.objects import Objects
from deploy.local.servers import embedded_servers
from ingest.domain.upload import UploadRecord
from ingest.media import consumers
from ingest.media.repository import MIGRATIONS, MediaRepository

pytestmark = pytest.mark.servers
LATE = reason_for("processing_failed_repeatedly")
# A message that MongoDB would take for a field, were it not stored as a literal.
FIRST = Reason(code="checksum_mismatch", message="$first")
FOOTAGE = Footage(width=640, height=480, fps=25, frame_count=3000, duration_s=120, clip_count=2)
ABOUT: dict[str, Any] = {"project_id": "p"}
Handler = Callable[[Any, MediaRepository], Awaitable[None]]


@pytest.fixture(scope="module")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    async with embedded_servers(tmp_path_factory.mktemp("media")) as servers:
        yield Settings.model_validate(servers.settings("ingest"))


@pytest.fixture(scope="module")
async def db(settings: Settings) -> Database:
    found = database(settings)
    for migration in MIGRATIONS:
        await migration(found)
    return found


@pytest.fixture(scope="module")
def media(db: Database, settings: Settings) -> MediaRepository:
    return MediaRepository(db, Objects(settings.s3_url))


def upload(media_id: str) -> UploadRecord:
    return UploadRecord(
        id=f"upload-of-{media_id}",
        project_id="p",
        media_id=media_id,
        requested_name="A.mp4",
        name="A.mp4",
        kind="video",
        conditions=Conditions(weather="Sunny", lighting="Day", fov="Unknown"),
        author="ada",
        sha256=None,
        size_bytes=1,
        part_size_bytes=1,
        object_key="k",
        s3_upload=None,
        state="joining",
    )


async def found(media: MediaRepository, media_id: str) -> Medium:
    stored = await media.find(media_id)
    assert stored is not None
    return stored.medium


def facts(media_id: str) -> list[tuple[Handler, Any]]:
    about = ABOUT | {"media_id": media_id}
    clip = about | {"rendition": "copy", "index_key": "k", "width": 640, "height": 480, "fps": 25}
    labels = about | {"clip": 1, "objects": 2}
    return [
        (consumers.store_footage, MediaPlanned(**about, footage=FOOTAGE)),
        (consumers.store_clip, ClipReady(**clip, clip=0, first=0, last=1799)),
        (consumers.store_clip, ClipReady(**clip, clip=1, first=1800, last=2999)),
        (consumers.store_clip, ClipReady(**(clip | {"rendition": "proxy"}), clip=1, first=1800, last=2999)),
        (consumers.store_ready, MediaReady(**about, footage=FOOTAGE)),
        (consumers.store_failure, MediaFailed(**about, reason=LATE)),
        (consumers.store_labels, ClipState(**labels, revision=1, label_state="auto")),
        (consumers.store_labels, ClipState(**labels, revision=3, label_state="labeled")),
        (consumers.store_labels, ClipState(**labels, revision=2, label_state="unlabeled")),
        (consumers.store_labels, ClipState(**(labels | {"clip": 0}), revision=1, label_state="auto")),
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_facts_in_any_order_and_repeated_give_the_same_medium(media: MediaRepository, seed: int) -> None:
    media_id = f"m{seed}"
    await media.add(upload(media_id), "video/mp4", 1.0)
    deliveries = facts(media_id) * 2
    random.Random(seed).shuffle(deliveries)

    for handler, fact in deliveries:
        await handler(fact, media)

    medium = await found(media, media_id)
    assert (medium.state, medium.reason, medium.label_state, medium.objects) == ("ready", None, "labeled", 4)
    assert [(clip.state, clip.label_state, clip.last) for clip in medium.clips] == [
        ("ready", "auto", 1799),
        ("ready", "labeled", 2999),
    ]


async def test_a_failure_keeps_its_first_reason(media: MediaRepository) -> None:
    await media.add(upload("failing"), "video/mp4", 1.0)
    await media.set_failed("failing", FIRST)
    await media.set_failed("failing", LATE)

    medium = await found(media, "failing")
    assert (medium.state, medium.reason) == ("failed", FIRST)


async def test_facts_about_a_deleted_medium_do_not_bring_it_back(media: MediaRepository) -> None:
    for handler, fact in facts("never"):
        await handler(fact, media)

    assert await media.find("never") is None


async def test_facts_stay_in_the_outbox_until_they_are_published(media: MediaRepository) -> None:
    stored = await media.add(upload("new"), "video/mp4", 1.0)
    assert stored.unpublished is not None

    (entry,) = [entry async for entry in media.unpublished(before=2.0) if entry.key == "new"]
    assert [type(event) for event in entry.events] == [MediaStored, HashMedium]
    assert not [entry async for entry in media.unpublished(before=1.0) if entry.key == "new"]

    await media.mark_published([entry])
    assert not [entry async for entry in media.unpublished(before=2.0) if entry.key == "new"]


async def test_an_interrupted_deletion_is_completed(media: MediaRepository) -> None:
    medium = (await media.add(upload("going"), "video/mp4", 1.0)).medium

    deletion = await media.begin_deletion(medium, delete_source=True)

    assert await media.deletions() == [deletion]
    assert await media.find("going") is None
    await media.complete_deletion(deletion)
    assert await media.deletions() == []


async def test_lists_read_an_index_only_as_far_as_needed(db: Database) -> None:
    order = [("created_at", -1), ("_id", -1)]
    filters = {"project_id": "p", "state": "ready", "name_lower": {"$regex": "a"}}
    plan = await db.media.find(filters).sort(order).limit(3).explain()

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in stages
    assert "COLLSCAN" not in stages
    assert "'SORT'" not in stages
