"""Use cases of runs: start, cancel, settle. Publishing the same state twice is harmless."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from common.contract.errors import Problem
from common.contract.media import Medium
from common.contract.questions import ListClips, ListMedia, PageRequest, ReadObjects, Run, RunList, StartRun
from common.messaging.bus import Bus
from inference.clips.repository import ClipRepository
from inference.domain.clip_task import ClipTask, choose_clips
from inference.domain.gap_task import GapTask, choose_gaps
from inference.domain.manifest import Manifest
from inference.domain.run import RunRecord, new_run
from inference.models.registry import ModelRegistry
from inference.runs.outbox import RunOutbox
from inference.runs.repository import RunRepository, unpublished_of

MEDIA_PER_PAGE = 500
CONCURRENT_QUESTIONS = 16


@dataclass(frozen=True, slots=True)
class RunService:
    """Runs, from their start to their end."""

    runs: RunRepository
    outbox: RunOutbox
    models: ModelRegistry
    bus: Bus
    clock: Callable[[], float] = time.time

    async def start(self, question: StartRun) -> Run:
        """Start a run with a task for each clip, or for each gap that it fills; the same id is the same run.

        Raises:
            Problem: the model, a medium, an object or a clip does not exist, or cannot be labeled now.
        """
        record = await self.runs.find(question.run_id)
        if record is None:
            manifest = self._manifest(question.model)
            tasks = await self._gaps(question) if question.kind == "quick" else await self._clips(question)
            record = await self.runs.create(new_run(question, manifest.threshold, tasks, self.clock()), tasks)
        if record.run.project_id != question.project_id:
            raise Problem("run_not_found")
        await self._publish_state(record)
        return record.run

    async def get(self, run_id: str) -> Run:
        """A run. Raises Problem."""
        record = await self.runs.find(run_id)
        if record is None:
            raise Problem("run_not_found")
        return record.run

    async def page(self, project_id: str, page: PageRequest) -> RunList:
        """A project's runs, newest first. Raises Problem."""
        return await self.runs.page(project_id, page)

    async def cancel(self, run_id: str) -> Run:
        """Cancel a run; no change if it has ended. Raises Problem."""
        await self.get(run_id)
        record = await self.runs.cancel(run_id)
        await self._publish_state(record)
        return record.run

    async def settle(self, run_id: str) -> None:
        """Derive the state of a run from its tasks, and publish it."""
        if record := await self.runs.settle(run_id):
            await self.publish(record)

    async def publish(self, record: RunRecord) -> None:
        """Publish the current state of a run."""
        if record.unpublished:
            await self.outbox.publish(unpublished_of(record))
        else:
            await self.bus.publish(record.changed())

    async def delete_medium(self, media_id: str, clips: ClipRepository) -> None:
        """Cancel the tasks on a medium, and delete their suggestions."""
        for run_id in await self.runs.cancel_medium(media_id):
            await self.settle(run_id)
        for task in await self.runs.tasks_of_medium(media_id):
            await clips.delete_suggestions(task)

    async def _publish_state(self, record: RunRecord) -> None:
        if record.unpublished:
            await self.publish(record)

    def _manifest(self, model: str) -> Manifest:
        manifests = self.models.manifests
        if model not in manifests:
            raise Problem.of_field("model", "unknown_model", model=model, available=", ".join(manifests))
        return manifests[model]

    async def _gaps(self, question: StartRun) -> list[GapTask]:
        """The gaps to fill. Raises Problem."""
        if question.object_id is None:
            raise Problem.of_field("object_id", "quick_label_needs_object")
        if len(set(question.media)) > 1:
            raise Problem.of_field("media", "quick_label_needs_one_file")
        (medium,) = await self._media(question)
        about = {"project_id": question.project_id, "media_id": medium.id}
        read, shown = await asyncio.gather(self.bus.ask(ReadObjects(**about)), self.bus.ask(ListClips(**about)))
        for state in read.objects:
            if state.id == question.object_id and not state.deleted:
                return choose_gaps(question, medium, state, shown.clips)
        raise Problem("object_not_found")

    async def _clips(self, question: StartRun) -> list[ClipTask]:
        """The clips to label. Raises Problem."""
        limit = asyncio.Semaphore(CONCURRENT_QUESTIONS)

        async def chosen(medium: Medium) -> list[ClipTask]:
            async with limit:
                shown = await self.bus.ask(ListClips(project_id=question.project_id, media_id=medium.id))
            return choose_clips(question.run_id, medium, shown.clips, question.clips)

        found = await asyncio.gather(*(chosen(medium) for medium in await self._media(question)))
        clips = [clip for clips_of_medium in found for clip in clips_of_medium]
        if not clips:
            raise Problem.of_field("clips", "no_such_clips")
        return clips

    async def _media(self, question: StartRun) -> list[Medium]:
        wanted = list(dict.fromkeys(question.media))
        found: dict[str, Medium] = {}
        for start in range(0, len(wanted), MEDIA_PER_PAGE):
            some = wanted[start : start + MEDIA_PER_PAGE]
            page = PageRequest(limit=len(some))
            listed = await self.bus.ask(ListMedia(project_id=question.project_id, media=some, page=page))
            found |= {medium.id: medium for medium in listed.items}
        if any(media_id not in found for media_id in wanted):
            raise Problem("medium_not_found")
        return [found[media_id] for media_id in wanted]
