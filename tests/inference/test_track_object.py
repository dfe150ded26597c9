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
from inference.domain.gap_task import GapOfRun
from inference.models.detector import Detector, ModelError
from inference.runs.consumers import give_up_gap, track_object
from tests.inference.fakes import Announce, Footage, Models, Recorder, Runs

# The person of `walk` goes ten pixels to the right on each of 24 frames.
FIRST = Box(x1=40, y1=50, x2=300, y2=350)
LAST = Box(x1=240, y1=50, x2=500, y2=350)
GAP = GapOfRun("p", "r", "m", "o", "person", 0, 0, 20, FIRST, LAST, vanishes=False, size_wh=(640, 360))
JOB = GAP.job()


class Scene:
    """All that the handler is given."""

    def __init__(self, footage: Footage, models: Models) -> None:
        self.runs, self.footage, self.models, self.bus = Runs(GAP), footage, models, Recorder()

    async def track(self) -> None:
        announcer: Any = Announce(self.bus)
        given: Any = (self.runs, self.footage, self.models, self.bus)
        await track_object(JOB, *given, announcer)

    @property
    def suggestions(self) -> Suggestions:
        return Suggestions.model_validate_json(self.footage.stored["r/0"])


@pytest.fixture
def scene(film: Any, walk: list[np.ndarray], detector: Detector) -> Scene:
    index, _ = film(walk)
    return Scene(Footage(index, walk), Models(detector))


async def test_a_gap_is_filled_told_and_done(scene: Scene) -> None:
    await scene.track()

    (fact,) = scene.bus.of(LabelsTracked)
    assert (fact.object_id, fact.first, fact.last, fact.object_key) == ("o", 0, 20, "r/0")
    assert (fact.stopped_at, fact.author) == (None, "u")
    (track,) = scene.suggestions.tracks
    assert (track.id, track.label) == ("o", "person")
    assert {key.source for key in track.keyframes} == {"quick"}
    assert all(0 < key.frame < 20 and key.score for key in track.keyframes)
    assert (scene.runs.record.run.state, scene.runs.record.run.reason) == ("done", None)
    assert scene.runs.done[-1] == GAP.frame_count


async def test_delivered_twice_it_is_filled_once(scene: Scene) -> None:
    await scene.track()
    before = (dict(scene.footage.stored), dict(scene.bus.told), scene.footage.decoded)

    await scene.track()

    assert (scene.footage.stored, scene.bus.told, scene.footage.decoded) == before


@pytest.mark.parametrize("break_off_at", [LabelsTracked, RunChanged])
async def test_killed_half_way_the_end_is_the_same(scene: Scene, break_off_at: type[Event]) -> None:
    scene.bus.break_off_at = break_off_at
    with pytest.raises(ConnectionError):
        await scene.track()

    await scene.track()

    assert len(scene.bus.of(LabelsTracked)) == 1
    assert scene.runs.record.run.state == "done"


async def test_where_the_person_is_gone_the_run_says_where_also_if_it_was_killed(
    scene: Scene, walk: list[np.ndarray]
) -> None:
    scene.footage.frames = [np.full_like(walk[0], 110) if 4 <= at < 17 else frame for at, frame in enumerate(walk)]
    scene.bus.break_off_at = LabelsTracked
    with pytest.raises(ConnectionError):
        await scene.track()

    await scene.track()

    (fact,) = scene.bus.of(LabelsTracked)
    assert fact.stopped_at == pytest.approx(4, abs=1)
    assert scene.runs.record.run.state == "done"
    assert scene.runs.record.run.reason == reason_for("object_lost", frame=fact.stopped_at)
    assert not [key.frame for key in scene.suggestions.tracks[0].keyframes if 5 < key.frame < 16]


async def test_a_cancelled_run_s_gap_ends_quietly(scene: Scene) -> None:
    scene.runs.cancel_at = 1
    await scene.track()
    assert scene.bus.of(LabelsTracked) == []
    assert scene.footage.stored == {}
    assert scene.runs.record.run.state == "cancelled"


async def test_footage_that_cannot_be_decoded_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.footage.frames, scene.footage.fails = [], Undecodable("clip_not_decodable", clip=1)
    with pytest.raises(Rejected):
        await scene.track()
    assert scene.runs.record.run.reason == reason_for("clip_not_decodable", clip=1)
    assert scene.bus.of(RunChanged)[-1].state == "failed"


async def test_a_broken_model_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.models.found = ModelError("model_damaged", model="x")
    with pytest.raises(Rejected, match="damaged"):
        await scene.track()
    assert scene.runs.record.run.reason == reason_for("model_damaged", model="x")


async def test_a_server_that_is_away_is_no_failure(scene: Scene) -> None:
    scene.footage.fails = ConnectionError("S3 is away")
    with pytest.raises(ConnectionError):
        await scene.track()
    assert scene.runs.state == "open"


async def test_given_up_the_run_says_so(scene: Scene) -> None:
    given: Any = (scene.runs, Announce(scene.bus))
    await give_up_gap(JOB, *given)
    assert scene.runs.record.run.reason == reason_for("tracking_failed_repeatedly")
    assert scene.bus.of(RunChanged)[-1].state == "failed"
