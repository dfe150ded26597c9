"""What annotation does when something happened elsewhere."""

import asyncio
from typing import Annotated

import structlog
from faststream.nats import NatsRouter

from annotation.clips.repository import ClipStore
from annotation.domain.batch import Batch
from annotation.domain.missions import category_of
from annotation.domain.object_class import Kind
from annotation.domain.suggestions import chunks, closed, creation, ends_medium, tracked
from annotation.media.repository import MediaStore
from annotation.missions.repository import MissionStore
from annotation.objects.repository import LabelStore
from annotation.suggestions.repository import SuggestionStore
from common.contract.events import ClipReady, LabelsSuggested, LabelsTracked, MediaDeleted, MediaPlanned
from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.contract.missions import Mission
from common.messaging.bus import InjectedBus
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency

log = structlog.get_logger()
router = NatsRouter()
Labels = Annotated[LabelStore, Dependency("labels")]
Media = Annotated[MediaStore, Dependency("media")]
Missions = Annotated[MissionStore, Dependency("missions")]
Clips = Annotated[ClipStore, Dependency("clips")]
Pending = Annotated[SuggestionStore, Dependency("suggestions")]
Track = tuple[Suggestion, list[Keyframe]]

# What one transaction writes stays far below the 16 MB of one MongoDB document and its lifetime of a minute.
EDITS_AT_ONCE = 500
KEYFRAMES_AT_ONCE = 20_000
# People go on editing the object that a run follows; what it found fits between whatever they set.
_ATTEMPTS = 5


@router.subscriber(**consume(MediaPlanned, by="annotation"))
async def learn_length(planned: MediaPlanned, media: Media) -> None:
    """From now on keyframes may lie on every frame of the medium, and its borders are known."""
    footage = planned.footage
    size = (footage.width, footage.height)
    await media.plan(planned.project_id, planned.media_id, footage.frame_count, size)


@router.subscriber(**consume(ClipReady, by="annotation"))
async def learn_frames(ready: ClipReady, media: Media, clips: Clips) -> None:
    """From now on keyframes may lie on the frames of the clip, and objects held from earlier clips are on it."""
    await media.extend(ready.project_id, ready.media_id, ready.last + 1, (ready.width, ready.height))
    if await clips.is_crossed(ready.media_id, ready.first, ready.last):
        await clips.mark([(ready.project_id, ready.media_id, ready.clip)])


@router.subscriber(**consume(MediaDeleted, by="annotation"))
async def let_go(deleted: MediaDeleted, media: Media) -> None:
    """Remove all labels of the medium."""
    await media.delete(deleted.project_id, deleted.media_id)


@router.subscriber(**consume(LabelsSuggested, by="annotation"))
async def file_suggestions(
    suggested: LabelsSuggested, labels: Labels, missions: Missions, pending: Pending, media: Media, bus: InjectedBus
) -> None:
    """Make what a run suggests objects at once, or keep it until someone looks at it."""
    # The news of the clip may come later than what was found on it.
    await media.extend(suggested.project_id, suggested.media_id, suggested.last + 1)
    medium = await media.find(suggested.media_id)
    if medium is None or medium.deleted:
        return
    file = await bus.objects.get(suggested.object_key)
    suggestions = await asyncio.to_thread(Suggestions.model_validate_json, file)
    at_end = ends_medium(suggested.last, medium.frame_count)
    tracks = [(track, closed(track.keyframes, suggested.last, at_end=at_end)) for track in suggestions.tracks]
    tracks = [track for track in tracks if track[1]]
    if suggested.accept == "suggest":
        await pending.keep(suggested, tracks)
    else:
        mission = await missions.detecting(suggested.project_id, (track.label for track, _ in tracks))
        await _accept(suggested, tracks, mission, labels, at_end=at_end)
    medium = await media.find(suggested.media_id)
    if medium is None or medium.deleted:
        # It went while we wrote: whoever comes second cleans up.
        await media.purge(suggested.project_id, suggested.media_id)


async def _accept(
    suggested: LabelsSuggested, tracks: list[Track], mission: Mission, labels: LabelStore, *, at_end: bool
) -> None:
    edits = [
        creation(track, keyframes, _kind(mission, track), suggested.run_id, suggested.model)
        for track, keyframes in tracks
    ]
    for chunk in chunks(edits, EDITS_AT_ONCE, KEYFRAMES_AT_ONCE):
        batch = Batch(
            project_id=suggested.project_id,
            media_id=suggested.media_id,
            edits=chunk,
            author=suggested.author,
            # The frame after the clip is where its tracks end.
            frame_count=suggested.last + (1 if at_end else 2),
            automatic=True,
        )
        results = await labels.apply(batch)
        if refused := [str(result.reason) for result in results if result.status == "refused"]:
            log.warning("suggestions refused", media=suggested.media_id, count=len(refused), first=refused[0])


def _kind(mission: Mission, track: Suggestion) -> Kind:
    """What a detected object is: the mission has a category for every label it was asked for."""
    return Kind(mission.id, category_of(mission, track.label) or track.label)


@router.subscriber(**consume(LabelsTracked, by="annotation"))
async def fill_in(found: LabelsTracked, labels: Labels, media: Media, bus: InjectedBus) -> None:
    """Put what a run found of an object between the keyframes that a person set."""
    medium = await media.find(found.media_id)
    if medium is None or medium.deleted:
        return
    file = await asyncio.to_thread(Suggestions.model_validate_json, await bus.objects.get(found.object_key))
    track = next((one for one in file.tracks if one.id == found.object_id), None)
    reason = "nothing was found of it" if track is None else await _fill_in(found, track, labels)
    if reason is not None:
        log.warning("object not filled in", object=found.object_id, run=found.run_id, reason=reason)


async def _fill_in(found: LabelsTracked, track: Suggestion, labels: LabelStore) -> str | None:
    """Apply what was found to the object as it is now; why not, if not."""
    reason: str | None = None
    for _ in range(_ATTEMPTS):
        current = (await labels.now(found.media_id, [found.object_id])).get(found.object_id)
        if current is None or current.deleted:
            return "the object is gone"
        edits = [tracked(found, track, current.revision)]
        batch = Batch(found.project_id, found.media_id, edits, found.author, frame_count=found.last + 1)
        (result,) = await labels.apply(batch)
        if result.status in ("applied", "duplicate"):
            return None
        reason = str(result.reason or "")
        if result.status == "refused":
            break
    return reason
