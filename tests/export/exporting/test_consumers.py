"""Jobs of exports: written, delivered twice, cancelled, failed."""

import asyncio
import hashlib
import io
import time
import zipfile
from typing import Any

import pytest

from common.contract.errors import Problem, reason_for
from common.contract.events import Event, ExportChanged, ExportReady, WriteExport
from common.contract.labels import ObjectState
from common.contract.questions import SubsetSplit
from export.formats.registry import FORMATS
from tests.export.fakes import FakeBus, InMemoryExports, queued, service
from tests.export.made import keyframe, labeled, medium

JOB = WriteExport(project_id="p", export_id="e")
KEY = "p/exports/e.zip"


async def write(exports: InMemoryExports, bus: FakeBus) -> None:
    await service(exports, bus).write(JOB)


def states(events: list[Event]) -> list[str]:
    return [event.state if isinstance(event, ExportChanged) else "ready" for event in events]


def packed(bus: FakeBus) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bus.objects.stored[KEY])) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


async def test_a_job_writes_and_publishes_its_archive() -> None:
    bus = FakeBus([medium("m1"), medium("m2", "b.jpg"), medium("m3", "c.jpg")], [labeled()])
    exports = queued()

    await write(exports, bus)

    assert states(bus.published) == ["running", "ready", "done"]
    assert set(bus.objects.stored) == {KEY, *(key for key in bus.objects.stored if key.endswith("/source"))}
    done = exports.record.export
    (ready,) = [event for event in bus.published if isinstance(event, ExportReady)]
    assert (ready.size_bytes, ready.sha256) == (done.size_bytes, done.sha256)
    assert done.size_bytes == len(bus.objects.stored[KEY])
    assert (done.progress, done.object_key) == (1.0, KEY)


async def test_a_job_that_is_delivered_again_changes_nothing_and_publishes_the_same_events() -> None:
    bus, exports = FakeBus([medium()], [labeled()]), queued()
    await write(exports, bus)
    archive, record = bus.objects.stored[KEY], exports.record
    first = {event.id for event in bus.published}

    await write(exports, bus)

    assert exports.record == record
    assert bus.objects.stored == {KEY: archive}
    assert {event.id for event in bus.published} == first


async def test_after_a_kill_the_next_attempt_replaces_the_unfinished_upload() -> None:
    bus, exports = FakeBus([medium()], [labeled()]), queued()
    await exports.begin("e", "killed", -100.0)
    bus.objects.put_part(KEY, bus.objects.begin_multipart(KEY, ""), 1, b"half")

    await write(exports, bus)

    assert exports.record.export.state == "done"
    assert bus.objects.uploads == {}
    assert "annotations/instances_default.json" in packed(bus)


async def test_a_job_waits_for_the_process_that_holds_its_lease() -> None:
    bus, exports = FakeBus([medium()]), queued()
    await exports.begin("e", "other", 1e12)

    waiting = asyncio.create_task(write(exports, bus))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await exports.finish("e", "other", {"size_bytes": 1, "sha256": "0"})
    await waiting

    assert states(bus.published) == ["ready", "done"]


async def test_images_are_uploaded_files_and_rendered_frames_without_leftovers() -> None:
    media = [medium("m1", "a.mp4", 120), medium("m2", "b.jpg", size_bytes=3_000_000), medium("m3", "gone.jpg")]
    bus, exports = FakeBus(media, [labeled()]), queued(save_images=True)
    del bus.objects.stored["p/media/m3/source"]

    await write(exports, bus)
    await asyncio.sleep(0)

    files = packed(bus)
    assert files["images/default/a/frame_000119.jpg"] == b"m1 119"
    assert len(files["images/default/b.jpg"]) == 3_000_000
    assert len(files) == 122
    assert bus.strips == 3
    assert not [key for key in bus.objects.stored if "strips" in key or "snapshots" in key]
    assert [(found.reason.code, found.count) for found in exports.record.export.dropped] == [("lost_missing_images", 1)]


async def test_only_the_selected_frames_of_videos_are_rendered() -> None:
    bus = FakeBus([medium("m1", "a.mp4", 120), medium("m2", "b.mp4", 9)], [labeled()])
    exports = queued(save_images=True, frame_step=50, labeled_only="media")

    await write(exports, bus)

    assert list(packed(bus)) == [
        "annotations/instances_default.json",
        *(f"images/default/a/frame_{frame:06d}.jpg" for frame in (0, 50, 100)),
    ]
    assert bus.strips == 1


async def test_videos_may_be_exported_as_uploaded() -> None:
    video = b"video" * 500_000
    bus = FakeBus([medium("m1", "a.mp4", 120, size_bytes=len(video)), medium("m2", "b.jpg"), medium("m3", "c.mp4")])
    bus.objects.stored["p/media/m1/source"] = video
    exports = queued(save_images=True, images_as="originals")

    await write(exports, bus)

    files = packed(bus)
    assert list(files)[1:] == ["images/default/b.jpg", "originals/a.mp4"]
    assert files["originals/a.mp4"] == video
    assert bus.strips == 0
    (missing,) = exports.record.export.dropped
    assert (missing.reason.code, missing.count) == ("lost_missing_files", 1)


async def test_an_export_without_labeled_files_fails_with_a_reason() -> None:
    bus, exports = FakeBus([medium()]), queued(labeled_only="media")

    await write(exports, bus)

    assert exports.record.export.state == "failed"
    assert exports.record.export.reason == reason_for("export_no_labels")
    assert bus.objects.stored == {}


async def test_the_same_input_gives_the_same_bytes() -> None:
    media = [medium("m1", "a.mp4", 60), medium("m2", "b.jpg"), medium("m3", "c.jpg")]
    objects = [labeled(f"o{n}", keyframe(0), keyframe(50, n, 2, n + 30, 50)) for n in range(9)]

    async def made(objects: list[ObjectState], export_format: str) -> tuple[bytes, str | None]:
        bus = FakeBus(media, objects)
        exports = queued(save_images=True, split=SubsetSplit(), format=export_format, name=f"at {time.time()}")
        await write(exports, bus)
        return bus.objects.stored[KEY], exports.record.export.sha256

    for name in FORMATS:
        first, second = await made(objects, name), await made(objects[::-1], name)
        assert first == second, name
        assert first[1] == hashlib.sha256(first[0]).hexdigest()


async def test_a_cancelled_export_leaves_nothing() -> None:
    exports = queued(save_images=True)

    class CancelledWhileRendering(FakeBus):
        def strip_of(self, question: Any) -> Any:
            if self.strips == 3:
                asyncio.get_running_loop().create_task(exports.discard("e"))
            return super().strip_of(question)

    bus = CancelledWhileRendering([medium(frames=100_000)], [labeled()])

    await write(exports, bus)
    await asyncio.sleep(0.05)

    assert exports.record.export.state == "cancelled"
    assert bus.objects.stored == {}
    assert bus.objects.uploads == {}
    assert states(bus.published)[-1] == "cancelled"
    assert "ready" not in states(bus.published)


async def test_an_export_without_files_fails_with_a_reason() -> None:
    bus, exports = FakeBus([medium(state="failed")]), queued(media=["m1", "m9"])

    await write(exports, bus)

    assert exports.record.export.state == "failed"
    assert exports.record.export.reason == reason_for("export_no_files")
    assert states(bus.published) == ["running", "failed"]


async def test_only_chosen_media_are_exported_and_missing_ones_are_reported() -> None:
    bus, exports = FakeBus([medium("m1"), medium("m2", "b.mp4")]), queued(media=["m1", "m9"], format="ezLabel JSON")

    await write(exports, bus)

    assert list(packed(bus)) == ["Annotations/a.mp4_00001.json"]
    assert [found.reason.code for found in exports.record.export.dropped] == ["lost_missing_files"]


async def test_a_temporarily_unavailable_service_is_waited_for() -> None:
    bus, exports = FakeBus([medium()], [labeled()]), queued()
    bus.away = ["service_unavailable"]

    await write(exports, bus)

    assert exports.record.export.state == "done"


async def test_an_internal_error_is_retried_and_a_refusal_is_not() -> None:
    bus, exports = FakeBus([medium()]), queued()
    bus.away = ["internal_error"]

    with pytest.raises(Problem):
        await write(exports, bus)
    interrupted = exports.record.export.state
    exports.held_until = 0.0
    bus.away = ["medium_not_found"]
    await write(exports, bus)

    assert (interrupted, exports.record.export.state) == ("running", "failed")


async def test_a_job_that_was_given_up_fails_the_export_and_replaying_it_writes_it() -> None:
    bus, exports = FakeBus([medium()], [labeled("o1", keyframe(0))]), queued()
    await exports.begin("e", "killed", -100.0)

    await service(exports, bus).give_up(JOB)
    await service(exports, bus).give_up(JOB)
    failed = exports.record.export
    await write(exports, bus)
    await service(exports, bus).give_up(JOB)

    assert failed.state == "failed"
    assert failed.reason
    assert len({event.id for event in bus.published[:2]}) == 1
    assert exports.record.export.state == "done"
    assert states(bus.published)[-1] == "done"
