"""What inference does when a job or a fact arrives."""

import asyncio
from contextlib import aclosing
from typing import Annotated

from faststream.nats import NatsRouter
from prometheus_client import Counter

from common.contract.errors import Reason, reason_for
from common.contract.events import LabelClip, MediaDeleted, TrackObject
from common.contract.labels import Suggestions
from common.contract.questions import ClipRendition, ListClips, Run
from common.messaging.bus import Bus, InjectedBus, ask_with_retry
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from common.messaging.rejected import Rejected
from common.sandbox.parent import Undecodable
from inference.clips.repository import FootageStore
from inference.domain.clip_task import ClipOfRun, shown_wh
from inference.domain.crop import view_of
from inference.domain.gap_task import GapOfRun, clips_between
from inference.domain.interpolation import expected_in, filled
from inference.domain.run import OPEN, PartState
from inference.domain.suggestions import suggest
from inference.domain.tracker import tracking_at
from inference.models.detector import ModelError, Shelf
from inference.runs.announcing import Announcer
from inference.runs.documents import Job, Part
from inference.runs.repository import RunStore
from inference.tracking.detection import track_things
from inference.tracking.progress import Report
from inference.tracking.quick_label import follow_between

router = NatsRouter()
Runs = Annotated[RunStore, Dependency("runs")]
Footage = Annotated[FootageStore, Dependency("footage")]
Models = Annotated[Shelf, Dependency("models")]
Announce = Annotated[Announcer, Dependency("announcer")]

CLIPS = Counter("tracklane_inference_clips_total", "Clips that runs worked on", ["outcome"])
GAPS = Counter("tracklane_inference_gaps_total", "Gaps between keyframes that quick runs worked on", ["outcome"])
LOST = Counter("tracklane_inference_lost_total", "Gaps in which the object was lost")


@router.subscriber(**consume(LabelClip, by="inference"))
async def label_clip(
    job: LabelClip, runs: Runs, footage: Footage, models: Models, bus: InjectedBus, announcer: Announce
) -> None:
    """Propose tracks for a clip, unless its run is over or has them already."""
    clip, run = await _open(job, runs, announcer)
    if not isinstance(clip, ClipOfRun):
        return
    try:
        found = await footage.suggestions(clip) or await _label(clip, run, runs, footage, models, bus, announcer)
    except (ModelError, Undecodable) as error:
        await _end(job, "failed", error.reason, runs, announcer)
        raise Rejected(str(error)) from error
    if found is not None:
        await footage.save(clip, found)
        await bus.publish(clip.suggested(found, footage.key(clip), run.accept, run.author))
        await _end(job, "done", None, runs, announcer)


@router.subscriber(**consume_dead_letters(LabelClip, by="inference"))
async def give_up_clip(job: LabelClip, runs: Runs, announcer: Announce) -> None:
    """Note that a clip failed for good; a reason that is known already stays."""
    await _end(job, "failed", reason_for("labeling_failed_repeatedly"), runs, announcer)


@router.subscriber(**consume(TrackObject, by="inference"))
async def track_object(
    job: TrackObject, runs: Runs, footage: Footage, models: Models, bus: InjectedBus, announcer: Announce
) -> None:
    """Fill a gap between two keyframes of an object, unless its run is over or has filled it already."""
    gap, run = await _open(job, runs, announcer)
    if not isinstance(gap, GapOfRun):
        return
    try:
        if await footage.suggestions(gap) is None:
            gap = await _fill(gap, run, runs, footage, models, bus, announcer)
    except (ModelError, Undecodable) as error:
        await _end(job, "failed", error.reason, runs, announcer)
        raise Rejected(str(error)) from error
    if gap is not None:
        await bus.publish(gap.tracked(footage.key(gap), run.author))
        await _end(job, "done", None, runs, announcer)


@router.subscriber(**consume_dead_letters(TrackObject, by="inference"))
async def give_up_gap(job: TrackObject, runs: Runs, announcer: Announce) -> None:
    """Note that a gap failed for good; a reason that is known already stays."""
    await _end(job, "failed", reason_for("tracking_failed_repeatedly"), runs, announcer)


@router.subscriber(**consume(MediaDeleted, by="inference"))
async def forget_medium(deleted: MediaDeleted, runs: Runs, footage: Footage, announcer: Announce) -> None:
    """End the work on a medium, and delete what runs proposed for it."""
    for run_id in await runs.cancel_medium(deleted.media_id):
        await _settle(run_id, runs, announcer)
    for part in await runs.parts_of_medium(deleted.media_id):
        await footage.forget(part)


async def _open(job: Job, runs: RunStore, announcer: Announcer) -> tuple[Part | None, Run]:
    """The part that a job is about, if it is still to be done, and its run."""
    part, run = await runs.open_part(job), (await runs.get(job.run_id)).run
    if part is None:
        # The process may have been killed between the end of the part and that of the run.
        await _settle(job.run_id, runs, announcer)
    return (part if run.state in OPEN else None), run


async def _label(
    clip: ClipOfRun, run: Run, runs: RunStore, footage: FootageStore, models: Shelf, bus: Bus, announcer: Announcer
) -> Suggestions | None:
    """What the run proposes for the clip; None if it was cancelled meanwhile."""
    (rendition,) = await _renditions(clip, bus)
    index = await footage.index(rendition)
    detector = await asyncio.to_thread(models.detector, run.model)
    box = detector.letterbox(clip.size_wh or shown_wh(index))
    tracking = tracking_at(run.threshold, clip.frame_count)
    report = _report(clip, runs, announcer)
    async with footage.pictures(rendition, index, box.picture_wh) as pictures:
        tracks = await track_things(detector, box, tracking, pictures, report)
    return None if tracks is None else suggest(clip, run.model, detector.manifest.labels, tracks)


async def _fill(
    gap: GapOfRun, run: Run, runs: RunStore, footage: FootageStore, models: Shelf, bus: Bus, announcer: Announcer
) -> GapOfRun | None:
    """The gap once its keyframes are stored; None if the run was cancelled meanwhile."""
    renditions = await _renditions(gap, bus)
    frame_wh = gap.size_wh or shown_wh(await footage.index(renditions[0]))
    detector = await asyncio.to_thread(models.detector, run.model)
    expected = expected_in(gap, frame_wh)
    view = view_of(expected, frame_wh)
    pictures = footage.windows(renditions, view, gap.first, gap.last)
    report = _report(gap, runs, announcer)
    async with aclosing(pictures):
        way = await follow_between(detector, view, expected, pictures, report, vanishes=gap.vanishes)
    if way is None:
        return None
    found, stopped_at = filled(gap, run.model, way, frame_wh)
    gap = gap.stopped(stopped_at)
    # Before the keyframes: where they are stored, it is known where they end.
    await runs.stop(gap)
    await footage.save(gap, found)
    if stopped_at is not None:
        LOST.inc()
    return gap


def _report(part: Part, runs: RunStore, announcer: Announcer) -> Report:
    async def report(frames_done: int) -> bool:
        record = await runs.advance(part, frames_done)
        if record is not None:
            await announcer.announce(record)
        return record is not None

    return report


async def _renditions(part: Part, bus: Bus) -> list[ClipRendition]:
    # Never the proxy where there is a copy: the same clip then gives the same labels whenever it is worked on.
    question = ListClips(project_id=part.project_id, media_id=part.media_id, purpose="detail")
    shown = await ask_with_retry(bus, question)
    if found := clips_between(shown.clips, part.first, part.last):
        return found
    raise LookupError(f"Frames {part.first} to {part.last} of {part.media_id} cannot be shown now")


async def _end(job: Job, state: PartState, reason: Reason | None, runs: RunStore, announcer: Announcer) -> None:
    if await runs.end_part(job, state, reason):
        (GAPS if isinstance(job, TrackObject) else CLIPS).labels(state).inc()
    await _settle(job.run_id, runs, announcer)


async def _settle(run_id: str, runs: RunStore, announcer: Announcer) -> None:
    if record := await runs.settle(run_id):
        await announcer.announce(record)
