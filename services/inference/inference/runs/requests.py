"""What inference answers: which models there are, and all about runs."""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import Problem
from common.contract.media import Medium
from common.contract.questions import (
    CancelRun,
    GetRun,
    ListClips,
    ListMedia,
    ListModels,
    ListRuns,
    ModelList,
    PageRequest,
    ReadObjects,
    Run,
    RunList,
    StartRun,
)
from common.messaging.bus import InjectedBus
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from inference.domain.clip_task import ClipOfRun, choose_clips
from inference.domain.gap_task import GapOfRun, choose_gaps
from inference.domain.manifest import Manifest
from inference.domain.run import RunRecord
from inference.models.detector import Shelf
from inference.runs.announcing import Announcer
from inference.runs.documents import Part
from inference.runs.repository import RunStore

router = NatsRouter()
Runs = Annotated[RunStore, Dependency("runs")]
Models = Annotated[Shelf, Dependency("models")]
Announce = Annotated[Announcer, Dependency("announcer")]

MEDIA_A_PAGE = 500
ASKED_AT_ONCE = 16


@router.subscriber(**request_handler(ListModels))
async def list_models(_: ListModels, models: Models) -> ModelList:
    """The models that can be run."""
    return ModelList(items=await asyncio.to_thread(models.cards))


@router.subscriber(**request_handler(StartRun))
async def start_run(question: StartRun, runs: Runs, models: Models, bus: InjectedBus, announcer: Announce) -> Run:
    """Queue a run with one job for each clip, or for each gap that it fills; the same run again is the run as it is."""
    record = await _find(runs, question.run_id)
    if record is None:
        manifest = _manifest(models, question.model)
        parts = await _gaps(question, bus) if question.kind == "quick" else await _clips(question, bus)
        record = await runs.create(_new_run(question, manifest, parts), parts)
    if record.run.project_id != question.project_id:
        raise Problem("run_not_found")
    if record.untold:
        await announcer.announce(record)
    return record.run


@router.subscriber(**request_handler(GetRun))
async def get_run(question: GetRun, runs: Runs) -> Run:
    """A run as it is now."""
    return (await _get(runs, question.run_id)).run


@router.subscriber(**request_handler(ListRuns))
async def list_runs(question: ListRuns, runs: Runs) -> RunList:
    """The runs of a project, newest first."""
    try:
        return await runs.page(question.project_id, question.page)
    except ValueError as error:
        raise Problem.of_field("page.cursor", "invalid_cursor") from error


@router.subscriber(**request_handler(CancelRun))
async def cancel_run(question: CancelRun, runs: Runs, announcer: Announce) -> Run:
    """Stop a run; one that is over stays as it is."""
    await _get(runs, question.run_id)
    record = await runs.cancel(question.run_id)
    if record.untold:
        await announcer.announce(record)
    return record.run


async def _find(runs: RunStore, run_id: str) -> RunRecord | None:
    try:
        return await runs.get(run_id)
    except LookupError:
        return None


async def _get(runs: RunStore, run_id: str) -> RunRecord:
    record = await _find(runs, run_id)
    if record is None:
        raise Problem("run_not_found")
    return record


def _manifest(models: Shelf, name: str) -> Manifest:
    if name not in models.manifests:
        raise Problem.of_field("model", "unknown_model", model=name, available=", ".join(models.manifests))
    return models.manifests[name]


def _new_run(question: StartRun, manifest: Manifest, parts: Sequence[Part]) -> Run:
    is_quick = question.kind == "quick"
    return Run(
        id=question.run_id,
        project_id=question.project_id,
        kind=question.kind,
        model=question.model,
        media=list(dict.fromkeys(question.media)),
        threshold=manifest.threshold if question.threshold is None else question.threshold,
        accept=question.accept,
        state="queued",
        progress=0.0,
        frames_done=0,
        frames_total=sum(part.frame_count for part in parts),
        author=question.author,
        created_at=time.time(),
        object_id=question.object_id if is_quick else None,
        first=parts[0].first if is_quick else None,
        last=parts[-1].last if is_quick else None,
    )


async def _gaps(question: StartRun, bus: InjectedBus) -> list[GapOfRun]:
    """The gaps to fill. Raises Problem if the medium or the object is not there, or nothing of it can be filled."""
    if question.object_id is None:
        raise Problem.of_field("object_id", "quick_label_needs_object")
    if len(set(question.media)) > 1:
        raise Problem.of_field("media", "quick_label_needs_one_file")
    (medium,) = await _media(question, bus)
    here = {"project_id": question.project_id, "media_id": medium.id}
    read, shown = await asyncio.gather(bus.ask(ReadObjects(**here)), bus.ask(ListClips(**here)))
    for state in read.objects:
        if state.id == question.object_id and not state.deleted:
            return choose_gaps(question, medium, state, shown.clips)
    raise Problem("object_not_found")


async def _clips(question: StartRun, bus: InjectedBus) -> list[ClipOfRun]:
    """The clips to work on. Raises Problem if a medium is not there or not ready, or has none of the clips."""
    limit = asyncio.Semaphore(ASKED_AT_ONCE)

    async def chosen(medium: Medium) -> list[ClipOfRun]:
        async with limit:
            shown = await bus.ask(ListClips(project_id=question.project_id, media_id=medium.id))
        return choose_clips(question.run_id, medium, shown.clips, question.clips)

    found = await asyncio.gather(*(chosen(medium) for medium in await _media(question, bus)))
    clips = [clip for of_medium in found for clip in of_medium]
    if not clips:
        raise Problem.of_field("clips", "no_such_clips")
    return clips


async def _media(question: StartRun, bus: InjectedBus) -> list[Medium]:
    wanted = dict.fromkeys(question.media).keys()
    found: dict[str, Medium] = {}
    for start in range(0, len(wanted), MEDIA_A_PAGE):
        part = list(wanted)[start : start + MEDIA_A_PAGE]
        page = PageRequest(limit=len(part))
        listed = await bus.ask(ListMedia(project_id=question.project_id, media=part, page=page))
        found |= {medium.id: medium for medium in listed.items}
    if wanted - found.keys():
        raise Problem("medium_not_found")
    return [found[media_id] for media_id in wanted]
