"""Use case: store the suggested tracks of a run, as objects or for review."""

from dataclasses import dataclass

import structlog

from annotation.domain.batch import Batch
from annotation.domain.missions import category_of
from annotation.domain.object_class import ObjectClass
from annotation.domain.suggestions import chunks, closed, creation, ends_medium
from annotation.media.repository import MediaRepository, StoredMedium
from annotation.missions.ontologies import OntologyService
from annotation.objects.service import EditService
from annotation.suggestions.repository import SuggestionRepository
from common.contract.events import LabelsSuggested
from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.contract.missions import Mission

log = structlog.get_logger()
Track = tuple[Suggestion, list[Keyframe]]

# Keeps a transaction well below 16 MB and its maximum lifetime of one minute.
EDITS_PER_BATCH = 500
KEYFRAMES_PER_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class FilingService:
    """Stores suggested tracks."""

    suggestions: SuggestionRepository
    editing: EditService
    media: MediaRepository
    ontologies: OntologyService

    async def medium_of(self, suggested: LabelsSuggested) -> StoredMedium | None:
        """The medium, extended to the frames of the clip, because its event may arrive after the suggestions.
        None if it is deleted."""
        await self.media.extend(suggested.project_id, suggested.media_id, suggested.last + 1)
        return await self._existing(suggested)

    async def _existing(self, suggested: LabelsSuggested) -> StoredMedium | None:
        medium = await self.media.find(suggested.media_id)
        return None if medium is None or medium.deleted else medium

    async def file(self, suggested: LabelsSuggested, medium: StoredMedium, suggestions: Suggestions) -> None:
        """Create objects of tracks at once, or keep the tracks for review."""
        at_end = ends_medium(suggested.last, medium.frame_count)
        tracks = [(track, closed(track.keyframes, suggested.last, at_end=at_end)) for track in suggestions.tracks]
        tracks = [track for track in tracks if track[1]]
        if suggested.accept == "suggest":
            await self.suggestions.keep(suggested, tracks)
        else:
            labels = (track.label for track, _ in tracks)
            mission = await self.ontologies.ensure_categories(suggested.project_id, labels)
            await self._accept(suggested, tracks, mission, at_end=at_end)
        if await self._existing(suggested) is None:
            # Deleted in the meantime: remove what was just written.
            await self.media.purge(suggested.project_id, suggested.media_id)

    async def _accept(self, suggested: LabelsSuggested, tracks: list[Track], mission: Mission, *, at_end: bool) -> None:
        edits = [
            creation(track, keyframes, _class_of(mission, track), suggested.run_id, suggested.model)
            for track, keyframes in tracks
        ]
        for chunk in chunks(edits, EDITS_PER_BATCH, KEYFRAMES_PER_BATCH):
            batch = Batch(
                project_id=suggested.project_id,
                media_id=suggested.media_id,
                edits=chunk,
                author=suggested.author,
                # Tracks end on the frame after the clip.
                frame_count=suggested.last + (1 if at_end else 2),
                automatic=True,
            )
            results = await self.editing.apply(batch)
            if refused := [result.reason for result in results if result.status == "refused"]:
                first = refused[0].message if refused[0] else None
                log.warning("suggestions refused", media=suggested.media_id, count=len(refused), first=first)


def _class_of(mission: Mission, track: Suggestion) -> ObjectClass:
    """The class of a detection. The mission has a category for every label."""
    return ObjectClass(mission.id, category_of(mission, track.label) or track.label)
