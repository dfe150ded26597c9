"""Use case: fill the gaps between manual keyframes with tracked shapes."""

from dataclasses import dataclass

import structlog

from annotation.domain.batch import Batch
from annotation.domain.suggestions import tracked
from annotation.media.repository import MediaRepository
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from common.contract.errors import Reason, reason_for
from common.contract.events import LabelsTracked
from common.contract.labels import Suggestion, Suggestions

log = structlog.get_logger()
# The object may be edited while a run tracks it.
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class TrackingService:
    """Adds tracked shapes to objects."""

    editing: EditService
    objects: ObjectRepository
    media: MediaRepository

    async def fill(self, tracked_labels: LabelsTracked, suggestions: Suggestions) -> None:
        """Add the tracked shapes of an object between its manual keyframes."""
        medium = await self.media.find(tracked_labels.media_id)
        if medium is None or medium.deleted:
            return
        track = next((candidate for candidate in suggestions.tracks if candidate.id == tracked_labels.object_id), None)
        reason = reason_for("object_not_tracked") if track is None else await self._fill(tracked_labels, track)
        if reason is not None:
            log.warning(
                "tracked shapes not stored",
                object=tracked_labels.object_id,
                run=tracked_labels.run_id,
                reason=reason.message,
            )

    async def _fill(self, event: LabelsTracked, track: Suggestion) -> Reason | None:
        """Apply the shapes to the current object; returns the reason of a failure."""
        reason: Reason | None = None
        for _ in range(_ATTEMPTS):
            current = (await self.objects.versions(event.media_id, [event.object_id])).get(event.object_id)
            if current is None or current.deleted:
                return reason_for("object_deleted")
            edits = [tracked(event, track, current.revision)]
            batch = Batch(event.project_id, event.media_id, edits, event.author, frame_count=event.last + 1)
            (result,) = await self.editing.apply(batch)
            if result.status in ("applied", "duplicate"):
                return None
            reason = result.reason
            if result.status == "refused":
                break
        return reason
