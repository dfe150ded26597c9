"""What inference does when a job or a fact arrives."""

import asyncio
from typing import Annotated

from faststream import Context
from faststream.nats import NatsRouter
from prometheus_client import Counter

from common.bus import Bus, Roads, ask_patiently, consume, consume_dead
from common.errors import Rejected
from common.events import LabelClip, MediaDeleted
from common.labels import Suggestions
from common.questions import ClipRendition, ListClips, Run
from common.sandbox import Undecodable
from inference.announcing import Announcer
from inference.detector import BrokenModel, Shelf
from inference.domain.clip import ClipOfRun
from inference.domain.run import OPEN, ClipState
from inference.domain.suggestions import suggest
from inference.domain.tracker import tracking_at
from inference.labeling import track_things
from inference.store.footage import FootageStore
from inference.store.runs import RunStore

router = NatsRouter()
Runs = Annotated[RunStore, Context("runs")]
Footage = Annotated[FootageStore, Context("footage")]
Models = Annotated[Shelf, Context("models")]
Announce = Annotated[Announcer, Context("announcer")]

CLIPS = Counter("tracklane_inference_clips_total", "Clips that runs worked on", ["outcome"])


@router.subscriber(**consume(LabelClip, by="inference"))
async def label_clip(
    job: LabelClip, runs: Runs, footage: Footage, models: Models, bus: Roads, announcer: Announce
) -> None:
    """Propose tracks for a clip, unless its run is over or has them already."""
    clip, run = await runs.open_clip(job), (await runs.get(job.run_id)).run
    if clip is None:
        # The process may have been killed between the end of the clip and that of the run.
        await _settle(job.run_id, runs, announcer)
        return
    if run.state not in OPEN:
        return
    try:
        found = await footage.suggestions(clip) or await _label(clip, run, runs, footage, models, bus, announcer)
    except (BrokenModel, Undecodable) as error:
        await _end(job, "failed", str(error), runs, announcer)
        raise Rejected(str(error)) from error
    if found is not None:
        await footage.save(clip, found)
        await bus.tell(clip.suggested(found, footage.key(clip), run.accept, run.author))
        await _end(job, "done", None, runs, announcer)


@router.subscriber(**consume_dead(LabelClip, by="inference"))
async def give_up_clip(job: LabelClip, runs: Runs, announcer: Announce) -> None:
    """Note that a clip failed for good; a reason that is known already stays."""
    await _end(job, "failed", "The clip could not be labeled in several attempts.", runs, announcer)


@router.subscriber(**consume(MediaDeleted, by="inference"))
async def forget_medium(deleted: MediaDeleted, runs: Runs, footage: Footage, announcer: Announce) -> None:
    """End the work on a medium, and delete what runs proposed for it."""
    for run_id in await runs.cancel_medium(deleted.media_id):
        await _settle(run_id, runs, announcer)
    for clip in await runs.clips_of_medium(deleted.media_id):
        await footage.forget(clip)


async def _label(
    clip: ClipOfRun,
    run: Run,
    runs: RunStore,
    footage: FootageStore,
    models: Shelf,
    bus: Bus,
    announcer: Announcer,
) -> Suggestions | None:
    """What the run proposes for the clip; None if it was cancelled meanwhile."""

    async def report(frames_done: int) -> bool:
        record = await runs.advance(clip, frames_done)
        if record is not None:
            await announcer.announce(record)
        return record is not None

    rendition = await _rendition(clip, bus)
    index = await footage.index(rendition)
    detector = await asyncio.to_thread(models.detector, run.model)
    box = detector.letterbox(clip.size_wh or (index.width, index.height))
    tracking = tracking_at(run.threshold, clip.frame_count)
    async with footage.pictures(rendition, index, box.picture_wh) as pictures:
        tracks = await track_things(detector, box, tracking, pictures, report)
    return None if tracks is None else suggest(clip, run.model, detector.manifest.labels, tracks)


async def _rendition(clip: ClipOfRun, bus: Bus) -> ClipRendition:
    # Never the proxy where there is a copy: the same clip then gives the same labels whenever it is labeled.
    question = ListClips(project_id=clip.project_id, media_id=clip.media_id, purpose="detail")
    shown = await ask_patiently(bus, question)
    for rendition in shown.clips:
        if rendition.clip == clip.clip:
            return rendition
    raise LookupError(f"Clip {clip.clip} of {clip.media_id} cannot be shown now")


async def _end(job: LabelClip, state: ClipState, reason: str | None, runs: RunStore, announcer: Announcer) -> None:
    if await runs.end_clip(job, state, reason):
        CLIPS.labels(state).inc()
    await _settle(job.run_id, runs, announcer)


async def _settle(run_id: str, runs: RunStore, announcer: Announcer) -> None:
    if record := await runs.settle(run_id):
        await announcer.announce(record)
