"""The handler that fills a gap, with hand-written stores: delivered twice, killed, cancelled, lost, given up."""

from typing import Any

import numpy as np
import pytest

from common.contract.errors import reason_for
from common.contract.events import Event, LabelsTracked, RunChanged
from common.contract.labels import Suggestions
from common.geometry.types import Box
from common.messaging.rejected import Rejected
from common.sandbox.parent import Undecodable
from inference.domain.gap_task import GapTask
from inference.models.detector import Detector, ModelError
from inference.tracking.consumers import give_up_gap
from tests.inference.fakes import Clips, Models, Scene

# The person of `walk` goes ten pixels to the right on each of 24 frames.
FIRST = Box(x1=40, y1=50, x2=300, y2=350)
LAST = Box(x1=240, y1=50, x2=500, y2=350)
GAP = GapTask("p", "r", "m", "o", "person", 0, 0, 20, FIRST, LAST, vanishes=False, size_wh=(640, 360))
JOB = GAP.job()


def stored(scene: Scene) -> Suggestions:
    return Suggestions.model_validate_json(scene.clips.stored["r/0"])


@pytest.fixture
def scene(film: Any, walk: list[np.ndarray], detector: Detector) -> Scene:
    index, _ = film(walk)
    return Scene(GAP, Clips(index, walk), Models(detector))


async def test_a_gap_is_filled_told_and_done(scene: Scene) -> None:
    await scene.service.fill_gap(JOB)

    (fact,) = scene.bus.of(LabelsTracked)
    assert (fact.object_id, fact.first, fact.last, fact.object_key) == ("o", 0, 20, "r/0")
    assert (fact.stopped_at, fact.author) == (None, "u")
    (track,) = stored(scene).tracks
    assert (track.id, track.label) == ("o", "person")
    assert {key.source for key in track.keyframes} == {"quick"}
    assert all(0 < key.frame < 20 and key.score for key in track.keyframes)
    assert (scene.runs.record.run.state, scene.runs.record.run.reason) == ("done", None)
    assert scene.runs.done[-1] == GAP.frame_count


async def test_delivered_twice_it_is_filled_once(scene: Scene) -> None:
    await scene.service.fill_gap(JOB)
    before = (dict(scene.clips.stored), dict(scene.bus.published), scene.clips.decoded)

    await scene.service.fill_gap(JOB)

    assert (scene.clips.stored, scene.bus.published, scene.clips.decoded) == before


@pytest.mark.parametrize("fail_at", [LabelsTracked, RunChanged])
async def test_killed_half_way_the_end_is_the_same(scene: Scene, fail_at: type[Event]) -> None:
    scene.bus.fail_at = fail_at
    with pytest.raises(ConnectionError):
        await scene.service.fill_gap(JOB)

    await scene.service.fill_gap(JOB)

    assert len(scene.bus.of(LabelsTracked)) == 1
    assert scene.runs.record.run.state == "done"


async def test_where_the_person_is_gone_the_run_says_where_also_if_it_was_killed(
    scene: Scene, walk: list[np.ndarray]
) -> None:
    scene.clips.images = [np.full_like(walk[0], 110) if 4 <= at < 17 else frame for at, frame in enumerate(walk)]
    scene.bus.fail_at = LabelsTracked
    with pytest.raises(ConnectionError):
        await scene.service.fill_gap(JOB)

    await scene.service.fill_gap(JOB)

    (fact,) = scene.bus.of(LabelsTracked)
    assert fact.stopped_at == pytest.approx(4, abs=1)
    assert scene.runs.record.run.state == "done"
    assert scene.runs.record.run.reason == reason_for("object_lost", frame=fact.stopped_at)
    assert not [key.frame for key in stored(scene).tracks[0].keyframes if 5 < key.frame < 16]


async def test_a_cancelled_run_s_gap_ends_quietly(scene: Scene) -> None:
    scene.runs.cancel_at = 1
    await scene.service.fill_gap(JOB)
    assert scene.bus.of(LabelsTracked) == []
    assert scene.clips.stored == {}
    assert scene.runs.record.run.state == "cancelled"


async def test_footage_that_cannot_be_decoded_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.clips.images, scene.clips.fails = [], Undecodable("clip_not_decodable", clip=1)
    with pytest.raises(Rejected):
        await scene.service.fill_gap(JOB)
    assert scene.runs.record.run.reason == reason_for("clip_not_decodable", clip=1)
    assert scene.bus.of(RunChanged)[-1].state == "failed"


async def test_a_broken_model_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.models.found = ModelError("model_damaged", model="x")
    with pytest.raises(Rejected, match="damaged"):
        await scene.service.fill_gap(JOB)
    assert scene.runs.record.run.reason == reason_for("model_damaged", model="x")


async def test_a_server_that_is_away_is_no_failure(scene: Scene) -> None:
    scene.clips.fails = ConnectionError("S3 is away")
    with pytest.raises(ConnectionError):
        await scene.service.fill_gap(JOB)
    assert scene.runs.state == "open"


async def test_given_up_the_run_says_so(scene: Scene) -> None:
    await give_up_gap(JOB, scene.service)
    assert scene.runs.record.run.reason == reason_for("tracking_failed_repeatedly")
    assert scene.bus.of(RunChanged)[-1].state == "failed"
