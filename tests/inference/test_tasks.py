"""The tasks of a run over in-memory repositories: delivered twice, killed, cancelled, failed, given up."""

from typing import Any

import numpy as np
import pytest

from common.contract.errors import reason_for
from common.contract.events import LabelsSuggested, LabelsTracked, MediaDeleted, RunChanged
from common.contract.labels import Suggestions
from common.geometry.types import Box
from common.messaging.rejected import Rejected
from common.sandbox.parent import Undecodable
from inference.domain.clip_task import ClipTask
from inference.domain.gap_task import GapTask
from inference.models.detector import Detector, ModelError
from inference.runs.consumers import delete_medium
from tests.inference.conftest import Film
from tests.inference.fakes import Clips, Harness, Models

CLIP = ClipTask("p", "r", "m", 0, 0, 23, ends_medium=True)
# The person of `walk` goes ten pixels to the right on each of 24 frames.
FIRST = Box(x1=40, y1=50, x2=300, y2=350)
LAST = Box(x1=240, y1=50, x2=500, y2=350)
GAP = GapTask("p", "r", "m", "o", "person", 0, 0, 20, FIRST, LAST, vanishes=False, size_wh=(640, 360))


@pytest.fixture
def clip(film: Film, walk: list[np.ndarray], detector: Detector) -> Harness:
    return Harness(CLIP, Clips(film(walk)[0], walk), Models(detector))


@pytest.fixture
def gap(film: Film, walk: list[np.ndarray], detector: Detector) -> Harness:
    return Harness(GAP, Clips(film(walk)[0], walk), Models(detector))


@pytest.fixture(params=["clip", "gap"])
def task(request: pytest.FixtureRequest) -> Harness:
    found: Harness = request.getfixturevalue(request.param)
    return found


async def test_a_clip_is_labeled_published_and_done(clip: Harness) -> None:
    await clip.work()

    (fact,) = clip.bus.of(LabelsSuggested)
    assert (fact.count, fact.first, fact.last, fact.object_key) == (1, 0, 23, "r/0")
    assert (clip.runs.state, clip.run.state) == ("done", "done")
    assert clip.runs.done[-1] == 24


async def test_a_gap_is_filled_published_and_done(gap: Harness) -> None:
    await gap.work()

    (fact,) = gap.bus.of(LabelsTracked)
    assert (fact.object_id, fact.first, fact.last, fact.object_key) == ("o", 0, 20, "r/0")
    assert (fact.stopped_at, fact.author) == (None, "u")
    (track,) = gap.stored().tracks
    assert (track.id, track.label) == ("o", "person")
    assert {key.source for key in track.keyframes} == {"quick"}
    assert all(0 < key.frame < 20 and key.score for key in track.keyframes)
    assert (gap.run.state, gap.run.reason) == ("done", None)
    assert gap.runs.done[-1] == GAP.frame_count


async def test_a_job_that_is_delivered_twice_is_done_once(task: Harness) -> None:
    await task.work()
    before = (dict(task.clips.stored), dict(task.bus.published), task.clips.decoded)

    await task.work()

    assert (task.clips.stored, task.bus.published, task.clips.decoded) == before


@pytest.mark.parametrize("at_run_change", [False, True])
async def test_a_killed_job_ends_like_an_undisturbed_one(task: Harness, *, at_run_change: bool) -> None:
    task.bus.fail_at = RunChanged if at_run_change else task.result
    with pytest.raises(ConnectionError):
        await task.work()

    await task.work()

    assert len(task.bus.of(task.result)) == 1
    assert len(task.stored().tracks) == 1
    assert task.run.state == "done"


async def test_progress_never_goes_back_after_a_kill(clip: Harness) -> None:
    clip.bus.fail_at = LabelsSuggested
    with pytest.raises(ConnectionError):
        await clip.work()

    await clip.work()

    assert clip.runs.done == sorted(clip.runs.done)


async def test_a_killed_job_reports_where_the_object_was_lost(gap: Harness, walk: list[np.ndarray]) -> None:
    gap.clips.images = [np.full_like(walk[0], 110) if 4 <= at < 17 else frame for at, frame in enumerate(walk)]
    gap.bus.fail_at = LabelsTracked
    with pytest.raises(ConnectionError):
        await gap.work()

    await gap.work()

    (fact,) = gap.bus.of(LabelsTracked)
    assert fact.stopped_at == pytest.approx(4, abs=1)
    assert gap.run.state == "done"
    assert gap.run.reason == reason_for("object_lost", frame=fact.stopped_at)
    assert not [key.frame for key in gap.stored().tracks[0].keyframes if 5 < key.frame < 16]


async def test_a_task_of_a_cancelled_run_has_no_result(task: Harness) -> None:
    task.runs.cancel_at = 1
    await task.work()
    assert task.bus.of(task.result) == []
    assert task.clips.stored == {}
    assert task.run.state == "cancelled"


async def test_footage_that_cannot_be_decoded_fails_the_run_without_a_retry(task: Harness) -> None:
    task.clips.images, task.clips.fails = [], Undecodable("clip_not_decodable", clip=1)
    with pytest.raises(Rejected):
        await task.work()
    assert task.run.reason == reason_for("clip_not_decodable", clip=1)
    assert task.bus.of(RunChanged)[-1].state == "failed"


async def test_a_damaged_model_fails_the_run_without_a_retry(task: Harness) -> None:
    task.models.found = ModelError("model_damaged", model="x")
    with pytest.raises(Rejected, match="damaged"):
        await task.work()
    assert task.run.reason == reason_for("model_damaged", model="x")


async def test_an_unavailable_server_leaves_the_task_open(task: Harness) -> None:
    task.clips.fails = ConnectionError("S3 is away")
    with pytest.raises(ConnectionError):
        await task.work()
    assert task.runs.state == "open"


@pytest.mark.parametrize(
    ("name", "code"), [("clip", "labeling_failed_repeatedly"), ("gap", "tracking_failed_repeatedly")]
)
async def test_a_job_that_failed_every_time_fails_the_run(request: pytest.FixtureRequest, name: str, code: str) -> None:
    task: Harness = request.getfixturevalue(name)

    await task.give_up()

    assert task.run.reason == reason_for(code)
    assert task.bus.of(RunChanged)[-1].state == "failed"


async def test_a_stored_reason_is_kept_when_the_job_is_given_up_again(task: Harness) -> None:
    await task.give_up()
    task.runs.reason = reason_for("model_damaged", model="x")

    await task.give_up()

    assert task.runs.reason == reason_for("model_damaged", model="x")
    assert len(task.bus.of(RunChanged)) == 1


async def test_suggestions_of_a_deleted_medium_are_deleted(clip: Harness) -> None:
    await clip.clips.save_suggestions(CLIP, Suggestions(run_id="r", media_id="m", clip=0, model="x", tracks=[]))
    clips: Any = clip.clips

    await delete_medium(MediaDeleted(project_id="p", media_id="m"), clip.run_service, clips)

    assert clip.clips.stored == {}
    assert clip.bus.of(RunChanged)[-1].state == "cancelled"
