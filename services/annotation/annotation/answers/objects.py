"""What annotation answers when it is asked."""

import asyncio
from typing import Annotated

from faststream import Context
from faststream.nats import NatsRouter

from annotation.domain.batch import Batch
from annotation.domain.boxes import box_rows
from annotation.domain.tracks import FOREVER, Span
from annotation.store.labels import LabelStore
from annotation.store.media import MediaStore
from annotation.store.missions import MissionStore
from annotation.store.snapshots import SnapshotStore
from common.bus import answer
from common.clips import FRAMES_PER_CLIP
from common.errors import invalid
from common.labels import Mission
from common.questions import (
    ApplyEdits,
    BoxRows,
    EditResults,
    FindObject,
    History,
    ListMissions,
    MissionList,
    ObjectList,
    ObjectOwner,
    ReadBoxes,
    ReadHistory,
    ReadObjects,
    SaveMission,
    Snapshot,
    TakeSnapshot,
)

router = NatsRouter()
Labels = Annotated[LabelStore, Context("labels")]
Media = Annotated[MediaStore, Context("media")]
Missions = Annotated[MissionStore, Context("missions")]
Snapshots = Annotated[SnapshotStore, Context("snapshots")]


@router.subscriber(**answer(ApplyEdits))
async def apply_edits(question: ApplyEdits, labels: Labels) -> EditResults:
    """Apply a batch of a person's edits; what became of each."""
    batch = Batch(
        project_id=question.project_id,
        media_id=question.media_id,
        edits=question.edits,
        author=question.author,
        session=question.session,
        frame_count=question.frame_count,
        atomic=question.atomic,
    )
    return EditResults.model_construct(results=await labels.apply(batch))


@router.subscriber(**answer(ReadObjects))
async def read_objects(question: ReadObjects, labels: Labels) -> ObjectList:
    """The objects of a range of frames, or all of the medium."""
    frames = Span(question.first or 0, FOREVER if question.last is None else question.last)
    objects = await labels.read(question.project_id, question.media_id, frames)
    return ObjectList.model_construct(objects=objects)


@router.subscriber(**answer(ReadBoxes))
async def read_boxes(question: ReadBoxes, labels: Labels, media: Media) -> BoxRows:
    """Every visible box of a range of frames, computed."""
    if not 0 <= question.last - question.first < FRAMES_PER_CLIP:
        raise invalid("last", f"At most {FRAMES_PER_CLIP} frames can be read at once, from first to last.")
    medium = await media.find(question.media_id)
    if medium is None or medium.project_id != question.project_id:
        return BoxRows(rows=[])
    last = min(question.last, medium.frames_so_far - 1)
    objects = await labels.read(question.project_id, question.media_id, Span(question.first, last))
    return await asyncio.to_thread(box_rows, objects, question.first, last)


@router.subscriber(**answer(ReadHistory))
async def read_history(question: ReadHistory, labels: Labels) -> History:
    """The changes of an object, newest first."""
    return await labels.history(question.object_id, question.page)


@router.subscriber(**answer(FindObject))
async def find_object(question: FindObject, labels: Labels) -> ObjectOwner:
    """Which project and medium an object belongs to."""
    return await labels.owner(question.object_id)


@router.subscriber(**answer(ListMissions))
async def list_missions(question: ListMissions, missions: Missions) -> MissionList:
    """The missions of a project."""
    return MissionList(items=await missions.of_project(question.project_id))


@router.subscriber(**answer(SaveMission))
async def save_mission(question: SaveMission, missions: Missions) -> Mission:
    """Add or replace a mission."""
    return await missions.save(question.project_id, question.mission)


@router.subscriber(**answer(TakeSnapshot))
async def take_snapshot(question: TakeSnapshot, snapshots: Snapshots) -> Snapshot:
    """A consistent picture of labels in S3."""
    return await snapshots.take(question)
