"""Documents of runs and their tasks."""

from typing import Any

from common.contract.questions import Run
from common.geometry.types import Box
from common.storage.mongo import Document
from inference.domain.clip_task import ClipTask
from inference.domain.gap_task import GapTask
from inference.domain.run import RunRecord, TaskState, progress
from inference.domain.task import Task

_SHARED = ("project_id", "run_id", "media_id", "clip", "first", "last", "size_wh")
_CLIP = (*_SHARED, "ends_medium")
_GAP = (*_SHARED, "object_id", "category", "vanishes", "occluded", "stopped_at")
_BOXES = ("first_box", "last_box")


def new_task(task: Task) -> Document:
    """The document of a task that is open."""
    if isinstance(task, GapTask):
        fields: Document = {name: getattr(task, name) for name in _GAP}
        fields |= {name: getattr(task, name).model_dump() for name in _BOXES}
    else:
        fields = {name: getattr(task, name) for name in _CLIP}
    return fields | {"frames": task.frame_count, "done": 0, "state": "open", "reason": None}


def task_of(document: Document) -> Task:
    """The task that a document describes."""
    size_wh = tuple(document["size_wh"]) if document["size_wh"] else None
    if "object_id" not in document:
        return ClipTask(**_fields(document, _CLIP) | {"size_wh": size_wh})
    boxes = {name: Box.model_validate(document[name]) for name in _BOXES}
    return GapTask(**_fields(document, _GAP) | boxes | {"size_wh": size_wh})


def run_of(document: Document) -> RunRecord:
    """The run that a document describes."""
    fields: dict[str, Any] = {name: document[name] for name in Run.model_fields if name in document}
    share = progress(document["frames_done"], document["frames_total"], document["state"])
    run = Run.model_validate(fields | {"id": document["_id"], "progress": share})
    return RunRecord(run, document["revision"], unpublished=document["unpublished"], unqueued=document["unqueued"])


def _fields(document: Document, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: document[name] for name in names}


def _count(state: TaskState) -> Document:
    return {"$sum": {"$cond": [{"$eq": ["$state", state]}, 1, 0]}}


# A group of tasks, counted from an index alone.
TASK_COUNTS: Document = {
    "_id": None,
    "frames_total": {"$sum": {"$cond": [{"$eq": ["$state", "cancelled"]}, "$done", "$frames"]}},
    "frames_done": {"$sum": "$done"},
    "tasks": {"$sum": 1},
    "gaps": {"$sum": {"$cond": [{"$gt": ["$object_id", None]}, 1, 0]}},
    "open": _count("open"),
    "failed": _count("failed"),
    "cancelled": _count("cancelled"),
    "lost": {"$sum": {"$cond": [{"$gt": ["$stopped_at", None]}, 1, 0]}},
    "stopped_at": {"$min": "$stopped_at"},
}
