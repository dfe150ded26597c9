"""The parts of a run as documents: clips, or the gaps of a quick run."""

from typing import Any

from common.contract.events import LabelClip, TrackObject
from common.geometry.types import Box
from common.storage.mongo import Document
from inference.domain.clip_task import ClipOfRun
from inference.domain.gap_task import GapOfRun

Part = ClipOfRun | GapOfRun
Job = LabelClip | TrackObject

_SHARED = ("project_id", "run_id", "media_id", "clip", "first", "last", "size_wh")
_CLIP = (*_SHARED, "ends_medium")
_GAP = (*_SHARED, "object_id", "category", "vanishes", "occluded", "stopped_at")
_BOXES = ("first_box", "last_box")


def part_id(job: Job) -> str:
    """The id of the part that a job is about."""
    if isinstance(job, TrackObject):
        return f"{job.run_id}.{job.object_id}.{job.first}.{job.last}"
    return f"{job.run_id}.{job.media_id}.{job.clip}"


def new_part(part: Part) -> Document:
    """The document of a part that is still to be done."""
    if isinstance(part, GapOfRun):
        fields: Document = {name: getattr(part, name) for name in _GAP}
        fields |= {name: getattr(part, name).model_dump() for name in _BOXES}
    else:
        fields = {name: getattr(part, name) for name in _CLIP}
    return fields | {"frames": part.frame_count, "done": 0, "state": "open", "reason": None}


def part_of(document: Document) -> Part:
    """The part that a document describes."""
    size_wh = tuple(document["size_wh"]) if document["size_wh"] else None
    if "object_id" not in document:
        return ClipOfRun(**_fields(document, _CLIP) | {"size_wh": size_wh})
    boxes = {name: Box.model_validate(document[name]) for name in _BOXES}
    return GapOfRun(**_fields(document, _GAP) | boxes | {"size_wh": size_wh})


def _fields(document: Document, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: document[name] for name in names}
