"""Runs that label clips, on real servers, with real clips and the real detector."""

import pytest

from common.contract.events import LabelClip, LabelsSuggested, RunChanged
from common.contract.labels import Suggestions
from common.contract.questions import GetRun
from common.geometry.tracks import Tracks, visible_boxes
from common.messaging.bus import Bus
from deploy.local.servers import EmbeddedServers
from inference.runs.repository import RunRepository
from tests.inference.service.world import ended, publish_again, published, queue_is_empty, start

pytestmark = pytest.mark.servers


async def test_a_person_who_walks_is_one_track(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    run = await asker.ask(start(street, accept="auto"))
    assert (run.frames_total, run.threshold) == (24, 0.4)

    run = await ended(asker, run.id)

    assert (run.state, run.progress, run.frames_done, run.reason) == ("done", 1.0, 24, None)
    (fact,) = await published(servers, LabelsSuggested, run.id)
    assert (fact.first, fact.last, fact.count, fact.accept, fact.author) == (0, 23, 1, "auto", "u1")
    suggestions = Suggestions.model_validate_json(await asker.objects.get(fact.object_key))
    (track,) = suggestions.tracks
    assert track.label == "person"
    boxes = visible_boxes(Tracks.of([track.keyframes]), 0, 23)
    assert boxes.frames.tolist() == list(range(24))
    motion = (boxes.boxes_xyxyr[-1] - boxes.boxes_xyxyr[0])[:4]
    assert motion == pytest.approx([230, 0, 230, 0], abs=20)
    assert len(track.keyframes) <= 8


async def test_every_change_is_published_once_and_progress_grows(
    servers: EmbeddedServers, asker: Bus, street: str
) -> None:
    run = await ended(asker, (await asker.ask(start(street))).id)

    changes: list[RunChanged] = await published(servers, RunChanged, run.id)
    revisions = [change.revision for change in changes]
    assert len(revisions) == len(set(revisions))
    in_order = sorted(changes, key=lambda change: change.revision)
    assert [change.frames_done for change in in_order] == sorted(change.frames_done for change in changes)
    assert [in_order[0].state, in_order[-1].state] == ["queued", "done"]


async def test_the_same_run_again_is_the_same_run(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    question = start(street)
    first = await asker.ask(question)
    done = await ended(asker, first.id)
    again = await asker.ask(question)
    assert again == done
    assert len(await published(servers, LabelClip, first.id)) == 1


async def test_a_job_that_comes_again_changes_nothing(
    servers: EmbeddedServers, asker: Bus, street: str, store: RunRepository
) -> None:
    run = await ended(asker, (await asker.ask(start(street))).id)
    (fact,) = await published(servers, LabelsSuggested, run.id)
    before = await asker.objects.get(fact.object_key)
    (job,) = await published(servers, LabelClip, run.id)

    await publish_again(servers, job)
    await queue_is_empty(servers)

    assert await asker.ask(GetRun(run_id=run.id)) == run
    assert await asker.objects.get(fact.object_key) == before
    assert len(await published(servers, LabelsSuggested, run.id)) == 1
