"""Quick labeling of one object, on real servers, with real clips and the real detector."""

from typing import Any

import pytest

from common.contract.errors import Problem
from common.contract.events import LabelsTracked, TrackObject
from common.contract.labels import Suggestions
from common.contract.questions import CancelRun, GetRun
from common.geometry.tracks import Tracks, visible_boxes
from common.messaging.bus import Bus
from deploy.local.servers import EmbeddedServers
from inference.domain.cxcywh import cxcywh_of, interpolate_cxcywh, iou_of_cxcywh
from tests.inference.conftest import Film, Stroll
from tests.inference.service.world import (
    World,
    add_walker,
    ended,
    publish_again,
    published,
    queue_is_empty,
    quick_label,
)

pytestmark = pytest.mark.servers


async def test_a_gap_across_two_clips_is_filled_and_published_once(
    servers: EmbeddedServers, asker: Bus, world: World, film: Film, stroll: Stroll
) -> None:
    media_id, truth = await add_walker(asker, world, film, stroll, keyframes=(5, 34))
    question = quick_label(media_id, first=5, last=34)
    run = await asker.ask(question)
    assert (run.kind, run.object_id, run.first, run.last, run.frames_total) == (
        "quick", question.object_id, 5, 34, 28,
    )  # fmt: skip

    run = await ended(asker, run.id, within_s=60)

    assert (run.state, run.progress, run.frames_done, run.reason, run.stopped_at) == ("done", 1.0, 28, None, None)
    (fact,) = await published(servers, LabelsTracked, run.id)
    assert (fact.object_id, fact.first, fact.last, fact.author) == (question.object_id, 5, 34, "u1")
    stored = await asker.objects.get(fact.object_key)
    (track,) = Suggestions.model_validate_json(stored).tracks
    keyframes = [world.objects[media_id][0].keyframes[0], *track.keyframes, world.objects[media_id][0].keyframes[1]]
    boxes = visible_boxes(Tracks.of([keyframes]), 5, 34).boxes_xyxyr[:, :4]
    straight = iou_of_cxcywh(interpolate_cxcywh(truth[5], truth[34], 30), truth[5:35]).mean()
    quick = iou_of_cxcywh(cxcywh_of(boxes), truth[5:35]).mean()
    assert (straight < 0.3, quick > 0.8) == (True, True)

    assert await asker.ask(question) == run
    (job,) = await published(servers, TrackObject, run.id)
    await publish_again(servers, job)
    await queue_is_empty(servers, TrackObject)
    assert await asker.objects.get(fact.object_key) == stored
    assert len(await published(servers, LabelsTracked, run.id)) == 1
    assert await asker.ask(GetRun(run_id=run.id)) == run


async def test_every_gap_is_one_job_and_cancelling_the_run_ends_them(
    servers: EmbeddedServers, asker: Bus, world: World, film: Film, stroll: Stroll
) -> None:
    media_id, _ = await add_walker(asker, world, film, stroll, keyframes=(2, 12, 30, 38))

    run = await asker.ask(quick_label(media_id))
    cancelled = await asker.ask(CancelRun(run_id=run.id))
    await queue_is_empty(servers, TrackObject)

    jobs = await published(servers, TrackObject, run.id)
    # Jobs are queued side by side.
    assert sorted((job.first, job.last) for job in jobs) == [(2, 12), (12, 30), (30, 38)]
    assert cancelled.state == "cancelled"
    assert (await asker.ask(GetRun(run_id=run.id))).state == "cancelled"
    assert len(await published(servers, LabelsTracked, run.id)) < 3


@pytest.mark.parametrize(
    ("keyframes", "fields", "code"),
    [
        ((5,), {}, "quick_label_needs_keyframes"),
        ((5, 34), {"first": 5, "last": 20}, "keyframe_not_manual"),
        ((5, 34), {"object_id": "missing"}, "object_not_found"),
        ((5, 34), {"model": "yolo-99"}, "unknown_model"),
        ((5, 34), {"media": ["nowhere"]}, "medium_not_found"),
    ],
)
async def test_a_quick_label_run_without_a_fillable_gap_is_refused(
    asker: Bus, world: World, film: Film, stroll: Stroll, keyframes: tuple[int, ...], fields: dict[str, Any], code: str,
) -> None:  # fmt: skip
    media_id, _ = await add_walker(asker, world, film, stroll, keyframes)
    with pytest.raises(Problem) as refused:
        await asker.ask(quick_label(media_id).model_copy(update=fields))
    assert refused.value.code == code
