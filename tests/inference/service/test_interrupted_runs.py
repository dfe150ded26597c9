"""Runs that lose a process, a frame, a clip or their medium, or are cancelled, on real servers and real clips."""

import time

import numpy as np
import pytest

from common.contract.errors import reason_for
from common.contract.events import LabelsSuggested, MediaDeleted, RunChanged
from common.contract.labels import Suggestions
from common.contract.questions import CancelRun, GetRun, Run
from common.messaging.bus import Bus
from common.storage.objects import suggestions_key
from deploy.local.servers import EmbeddedServers
from inference.domain.clip_task import ClipTask
from inference.runs.repository import RunRepository
from tests.inference.conftest import Film
from tests.inference.service.world import (
    MODEL,
    PROJECT,
    World,
    add_medium,
    ended,
    eventually,
    has_begun,
    is_gone,
    published,
    queue_is_empty,
    start,
)

pytestmark = pytest.mark.servers


async def stored_run(store: RunRepository, media_id: str) -> Run:
    """A run that is stored, but whose jobs are not queued."""
    question = start(media_id)
    run = Run(
        **question.model_dump(include={"project_id", "kind", "model", "media", "accept", "author"}),
        id=question.run_id,
        threshold=0.4,
        state="queued",
        progress=0,
        frames_done=0,
        frames_total=24,
        created_at=time.time(),
    )
    await store.create(run, [ClipTask(PROJECT, run.id, media_id, 0, 0, 23, ends_medium=True)])
    return run


async def test_a_clip_labeled_before_the_process_died_is_published_without_labeling_it_again(
    servers: EmbeddedServers, asker: Bus, street: str, world: World
) -> None:
    question = start(street)
    stored = Suggestions(run_id=question.run_id, media_id=street, clip=0, model=MODEL, tracks=[])
    key = suggestions_key(PROJECT, question.run_id, street, 0)
    await asker.objects.put(key, stored.model_dump_json().encode())

    run = await ended(asker, (await asker.ask(question)).id)

    assert run.state == "done"
    assert [fact.count for fact in await published(servers, LabelsSuggested, run.id)] == [0]


async def test_a_run_that_was_stored_and_not_queued_is_queued_later(
    servers: EmbeddedServers, asker: Bus, street: str, store: RunRepository, peers: Bus
) -> None:
    run = await stored_run(store, street)

    assert (await ended(asker, run.id)).state == "done"


async def test_a_damaged_frame_does_not_fail_its_clip(
    servers: EmbeddedServers, asker: Bus, world: World, film: Film, walk: list[np.ndarray]
) -> None:
    _, samples = film(walk)
    middle = len(samples) // 2
    media_id = await add_medium(asker, world, film, walk, damage=slice(middle, middle + 400))

    run = await ended(asker, (await asker.ask(start(media_id))).id)

    assert (run.state, run.frames_done) == ("done", 24)
    (fact,) = await published(servers, LabelsSuggested, run.id)
    assert fact.count >= 1


async def test_a_clip_that_cannot_be_decoded_fails_with_a_reason_and_is_not_retried(
    servers: EmbeddedServers, asker: Bus, world: World, film: Film, walk: list[np.ndarray]
) -> None:
    media_id = await add_medium(asker, world, film, walk, damage=slice(0, None))

    run = await ended(asker, (await asker.ask(start(media_id))).id)

    assert (run.state, run.reason) == ("failed", reason_for("clip_not_decodable", clip=1))
    assert await published(servers, LabelsSuggested, run.id) == []
    await queue_is_empty(servers)


async def test_a_deleted_medium_ends_its_runs_and_their_suggestions(
    servers: EmbeddedServers, asker: Bus, street: str, peers: Bus, store: RunRepository
) -> None:
    done = await ended(asker, (await asker.ask(start(street))).id)
    run = await stored_run(store, street)

    await peers.publish(MediaDeleted(project_id=PROJECT, media_id=street))

    cancelled = await ended(asker, run.id)
    assert (cancelled.state, cancelled.reason) == ("cancelled", reason_for("files_deleted"))
    assert (await asker.ask(GetRun(run_id=done.id))).state == "done"
    key = suggestions_key(PROJECT, done.id, street, 0)
    await eventually(lambda: is_gone(asker, key))


async def test_a_cancelled_run_stops_and_stays_cancelled(
    servers: EmbeddedServers, asker: Bus, world: World, film: Film, walk: list[np.ndarray]
) -> None:
    media_id = await add_medium(asker, world, film, walk * 20)
    run = await asker.ask(start(media_id))
    await eventually(lambda: has_begun(asker, run.id))

    cancelled = await asker.ask(CancelRun(run_id=run.id))
    again = await asker.ask(CancelRun(run_id=run.id))
    await queue_is_empty(servers)

    assert (cancelled.state, again.state) == ("cancelled", "cancelled")
    after = await asker.ask(GetRun(run_id=run.id))
    assert (after.state, after.frames_done < 480) == ("cancelled", True)
    assert await published(servers, LabelsSuggested, run.id) == []
    changes = sorted(await published(servers, RunChanged, run.id), key=lambda change: change.revision)
    assert changes[-1].state == "cancelled"
