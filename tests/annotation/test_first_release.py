"""What the first release stored is read after the migration, wherever it was interrupted."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from annotation.domain.missions import OBJECT_DETECTION, mission_id
from annotation.store import first_release
from annotation.store.first_release import store_states_as_json
from annotation.store.history import HistoryStore
from annotation.store.labels import LabelStore
from annotation.store.media import MediaStore
from annotation.store.migrations import MIGRATIONS
from annotation.store.outbox import Outbox
from common.contract.edits import Revert
from common.contract.questions import History, PageRequest
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import Database, database, migrate
from common.storage.objects import Objects
from deploy.local.servers import EmbeddedServers

pytestmark = pytest.mark.servers
PROJECT, MEDIUM = "p1", "m1"
OBJECTS = 450


@pytest.fixture
async def old(servers: EmbeddedServers) -> AsyncIterator[Database]:
    """A database as the first release left it."""
    # Any service's own database will do, but for the one that the other tests use.
    found = database(Settings.model_validate(servers.settings("export")))
    await fill(found)
    yield found
    for collection in await found.list_collection_names():
        await found.drop_collection(collection)


def keyframe(frame: int) -> dict[str, Any]:
    box = {"kind": "bbox", "x1": 1.0, "y1": 2.0, "x2": 30.0, "y2": 40.0, "rotation": 0.0}
    return {
        "frame": frame, "geometry": box, "outside": False, "occluded": True, "source": "manual", "score": None,
    }  # fmt: skip


def state(number: int, revision: int) -> dict[str, Any]:
    return {
        "_id": f"o{number}", "project_id": PROJECT, "media_id": MEDIUM, "mission": OBJECT_DETECTION,
        "category": "Vehicle", "type": None, "attributes": [{"name": "a.b", "value": "x"}], "annotation_type": "bbox",
        "keyframes": [keyframe(0), keyframe(9)][:revision], "source": "manual", "run_id": None, "score": None,
        "done": False, "deleted": False, "revision": revision, "author": "ada",
    }  # fmt: skip


def change(number: int, revision: int) -> dict[str, Any]:
    edit: dict[str, Any] = {"id": f"e{number}-{revision}", "object": f"o{number}", "base_revision": revision - 1}
    if revision == 1:
        edit |= {
            "verb": "create", "mission": OBJECT_DETECTION, "category": "Vehicle", "type": None,
            "attributes": [{"name": "a.b", "value": "x"}], "keyframes": [keyframe(0)], "source": "manual",
            "run_id": None, "score": None,
        }  # fmt: skip
    else:
        edit |= {"verb": "put_keyframe", "keyframe": keyframe(9)}
    return {
        "_id": f"o{number}:{revision:09d}", "project_id": PROJECT, "media_id": MEDIUM, "object_id": f"o{number}",
        "revision": revision, "edit_id": edit["id"], "verb": edit["verb"], "edit": edit,
        "object": state(number, revision), "touches": ["*"] if revision == 1 else ["keyframe 9"], "author": "ada",
        "session": "tab", "at": 1_700_000_000.0 + revision, "untold": True,
    }  # fmt: skip


async def fill(mongo: Database) -> None:
    await migrate(mongo, MIGRATIONS[:1])
    spans = {"first": 0, "last": 99_999_999, "spans": [{"first": 0, "last": 99_999_999}], "by_person": True}
    objects = [state(number, 2) | spans | {"at": 1_700_000_002.0} for number in range(OBJECTS)]
    await mongo.objects.insert_many(objects)
    await mongo.changes.insert_many([change(number, revision) for number in range(OBJECTS) for revision in (1, 2)])
    await mongo.media.insert_one({"_id": MEDIUM, "project_id": PROJECT, "frame_count": 100})


def stores(mongo: Database, settings: Settings) -> tuple[LabelStore, HistoryStore, Outbox]:
    objects = Objects(settings.s3_url)
    return LabelStore(mongo, MediaStore(mongo, objects)), HistoryStore(mongo), Outbox(mongo, objects)


async def test_the_labels_of_the_first_release_are_there(old: Database, settings: Settings) -> None:
    await migrate(old, MIGRATIONS)
    labels, history, outbox = stores(old, settings)

    states = await labels.read(PROJECT, MEDIUM)

    assert len(states) == OBJECTS
    one = states[0]
    assert (one.mission, one.category, one.attributes) == (
        mission_id(PROJECT, OBJECT_DETECTION),
        "Vehicle",
        {"a.b": "x"},
    )
    assert ([found.frame for found in one.keyframes], one.keyframes[0].occluded) == ([0, 9], True)
    assert (one.revision, one.created_at) == (2, 1_700_000_001.0)
    entries = History.model_validate_json(await history.of_object(one.id, PageRequest())).items
    assert [(entry.edit["verb"], entry.operation) for entry in entries] == [
        ("put_keyframe", f"e{one.id[1:]}-2"),
        ("create", f"e{one.id[1:]}-1"),
    ]
    assert entries[0].object == one
    assert entries[1].edit["mission"] == one.mission
    assert len(await outbox.untold()) == 500


async def test_editing_goes_on_where_the_first_release_stopped(old: Database, settings: Settings, edits: Any) -> None:
    await migrate(old, MIGRATIONS)
    labels, _, _ = stores(old, settings)
    batch = edits.batch(PROJECT, MEDIUM, edits.move("o7", 1, 20), edits.move("o7", 1, 9))

    results = await labels.apply(batch)
    (revert,) = await labels.apply(
        edits.batch(PROJECT, MEDIUM, Revert(id=new_id("e"), object="o7", base_revision=3, revision=2))
    )

    assert [result.status for result in results] == ["applied", "conflict"]
    assert revert.object is not None
    assert (revert.status, [found.frame for found in revert.object.keyframes]) == ("applied", [0, 20])


async def test_a_migration_that_was_killed_goes_on(
    old: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    rewritten = first_release._rewritten
    left = OBJECTS + 350

    def mortal(*given: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return rewritten(*given)

    with monkeypatch.context() as patch:
        patch.setattr(first_release, "_rewritten", mortal)
        with pytest.raises(Killed):
            await store_states_as_json(old)
    assert 0 < await old.changes.count_documents({"state": {"$exists": True}}) < 2 * OBJECTS
    before = await old.objects.find_one({"_id": "o0"})

    await migrate(old, MIGRATIONS)

    assert await old.objects.find_one({"_id": "o0"}) == before
    for collection in (old.objects, old.changes):
        assert await collection.count_documents({"state": {"$exists": False}}) == 0
    assert await old.changes.count_documents({}) == 2 * OBJECTS
