"""The handlers with hand-written stores: delivered twice, cancelled, broken, given up, killed half-way."""

from typing import Any

import numpy as np
import pytest

from common.contract.errors import reason_for
from common.contract.events import Event, LabelsSuggested, MediaDeleted, RunChanged
from common.contract.labels import Suggestions
from common.messaging.rejected import Rejected
from common.sandbox.parent import Undecodable
from inference.domain.clip_task import ClipTask
from inference.models.detector import Detector, ModelError
from inference.runs.consumers import delete_medium
from inference.tracking.consumers import give_up_clip
from tests.inference.fakes import Clips, Models, Scene

CLIP = ClipTask("p", "r", "m", 0, 0, 23, ends_medium=True)
JOB = CLIP.job()


@pytest.fixture
def scene(film: Any, walk: list[np.ndarray], detector: Detector) -> Scene:
    index, _ = film(walk)
    return Scene(CLIP, Clips(index, walk), Models(detector))


async def test_a_clip_is_labeled_told_and_done(scene: Scene) -> None:
    await scene.service.label_clip(JOB)

    (fact,) = scene.bus.of(LabelsSuggested)
    assert (fact.count, fact.first, fact.last, fact.object_key) == (1, 0, 23, "r/0")
    assert (scene.runs.state, scene.runs.record.run.state) == ("done", "done")
    assert scene.runs.done[-1] == 24


async def test_delivered_twice_it_is_labeled_once(scene: Scene) -> None:
    await scene.service.label_clip(JOB)
    before = (dict(scene.clips.stored), dict(scene.bus.published), scene.clips.decoded)

    await scene.service.label_clip(JOB)

    assert (scene.clips.stored, scene.bus.published, scene.clips.decoded) == before


@pytest.mark.parametrize("fail_at", [LabelsSuggested, RunChanged])
async def test_killed_half_way_the_end_is_the_same(scene: Scene, fail_at: type[Event]) -> None:
    scene.bus.fail_at = fail_at
    with pytest.raises(ConnectionError):
        await scene.service.label_clip(JOB)

    await scene.service.label_clip(JOB)

    assert [fact.count for fact in scene.bus.of(LabelsSuggested)] == [1]
    assert scene.runs.record.run.state == "done"
    assert scene.runs.done == sorted(scene.runs.done) or fail_at is RunChanged


async def test_a_cancelled_run_s_clip_ends_quietly(scene: Scene) -> None:
    scene.runs.cancel_at = 1
    await scene.service.label_clip(JOB)
    assert scene.bus.of(LabelsSuggested) == []
    assert scene.clips.stored == {}
    assert scene.runs.record.run.state == "cancelled"


async def test_footage_that_cannot_be_decoded_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.clips.images, scene.clips.fails = [], Undecodable("clip_not_decodable", clip=1)
    with pytest.raises(Rejected):
        await scene.service.label_clip(JOB)
    assert scene.runs.record.run.reason == reason_for("clip_not_decodable", clip=1)
    assert scene.bus.of(RunChanged)[-1].state == "failed"


async def test_a_broken_model_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.models.found = ModelError("model_damaged", model="x")
    with pytest.raises(Rejected, match="damaged"):
        await scene.service.label_clip(JOB)
    assert scene.runs.record.run.reason == reason_for("model_damaged", model="x")


async def test_a_server_that_is_away_is_no_failure(scene: Scene) -> None:
    scene.clips.fails = ConnectionError("S3 is away")
    with pytest.raises(ConnectionError):
        await scene.service.label_clip(JOB)
    assert scene.runs.state == "open"


async def test_given_up_the_run_says_so_and_a_known_reason_stays(scene: Scene) -> None:
    await give_up_clip(JOB, scene.service)
    assert scene.runs.record.run.reason == reason_for("labeling_failed_repeatedly")

    scene.runs.reason = reason_for("model_damaged", model="x")
    await give_up_clip(JOB, scene.service)
    assert scene.runs.reason == reason_for("model_damaged", model="x")
    assert len(scene.bus.of(RunChanged)) == 1


async def test_of_a_deleted_medium_nothing_stays(scene: Scene) -> None:
    await scene.clips.save_suggestions(CLIP, Suggestions(run_id="r", media_id="m", clip=0, model="x", tracks=[]))
    clips: Any = scene.clips

    await delete_medium(MediaDeleted(project_id="p", media_id="m"), scene.run_service, clips)

    assert scene.clips.stored == {}
    assert scene.bus.of(RunChanged)[-1].state == "cancelled"
