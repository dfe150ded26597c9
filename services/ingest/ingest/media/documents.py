"""Documents of the `media` collection: what the contract sees of them, and the fields that follow from others."""

from typing import Any

from common.contract.clips import FRAMES_PER_CLIP
from common.contract.events import HashMedium, MediaStored
from common.contract.media import ClipSummary, Medium
from common.messaging.outbox import Unpublished
from common.storage.mongo import Document
from common.storage.objects import source_key
from ingest.domain.upload import UploadRecord

_MEDIUM_FIELDS = (
    "project_id", "name", "kind", "state", "label_state", "objects", "conditions", "content_type", "size_bytes",
    "sha256", "created_at", "author",
)  # fmt: skip
_FOOTAGE_FIELDS = ("width", "height", "fps", "frame_count", "duration_s")


def new_document(upload: UploadRecord, content_type: str, created_at: float) -> Document:
    """The document of a medium that was just stored; its facts are still unpublished."""
    assert upload.name is not None
    return {
        "project_id": upload.project_id,
        "name": upload.name,
        "name_lower": upload.name.lower(),
        "kind": upload.kind,
        "size_bytes": upload.size_bytes,
        "conditions": upload.conditions.model_dump(),
        "author": upload.author,
        "content_type": content_type,
        "created_at": created_at,
        "sha256": None,
        "expected_sha256": upload.sha256,
        "unpublished": True,
        "state": "processing",
        "ready": False,
        "failed": None,
        "damaged": None,
        "label_state": "unlabeled",
        "objects": 0,
        "footage": None,
        "clips": {},
        "labels": {},
    }


def medium_of(document: Document) -> Medium:
    """The medium that a document describes."""
    footage = document.get("footage") or {}
    fields = {name: document[name] for name in _MEDIUM_FIELDS} | {name: footage.get(name) for name in _FOOTAGE_FIELDS}
    reason = document.get("damaged") or (None if document["ready"] else document.get("failed"))
    return Medium.model_validate(fields | {"id": document["_id"], "reason": reason, "clips": clips_of(document)})


def clips_of(document: Document) -> list[ClipSummary]:
    """The clips that are ready, and those that are known to come."""
    ready: dict[str, dict[str, int]] = document["clips"]
    footage = document.get("footage") or {}
    length = ready["0"]["last"] + 1 if "0" in ready else FRAMES_PER_CLIP
    last_frame = footage.get("frame_count", 0) - 1
    pending = "failed" if document["state"] == "failed" else "processing"
    clips = []
    for index in range(footage.get("clip_count", 0)) if footage else sorted(map(int, ready)):
        stored = ready.get(str(index))
        frames = stored or {"first": index * length, "last": min(last_frame, (index + 1) * length - 1)}
        labels = document["labels"].get(str(index), {})
        clips.append(
            ClipSummary(
                index=index,
                first=frames["first"],
                last=frames["last"],
                state="ready" if stored else pending,
                label_state=labels.get("label_state", "unlabeled"),
                objects=labels.get("objects", 0),
            )
        )
    return clips


def unpublished_of(document: Document) -> Unpublished:
    """The facts that a medium is stored and that it has to be hashed."""
    key = source_key(document["project_id"], document["_id"])
    stored = MediaStored(
        project_id=document["project_id"],
        media_id=document["_id"],
        kind=document["kind"],
        name=document["name"],
        object_key=key,
        content_type=document["content_type"],
        size_bytes=document["size_bytes"],
        conditions=document["conditions"],
        author=document["author"],
    )
    job = HashMedium(
        project_id=document["project_id"],
        media_id=document["_id"],
        object_key=key,
        size_bytes=document["size_bytes"],
        expected_sha256=document["expected_sha256"],
    )
    return Unpublished(document["_id"], None, [stored, job])


_LABELS = {"$map": {"input": {"$objectToArray": "$labels"}, "in": "$$this.v"}}
_STATE = {
    "$switch": {
        "branches": [
            {"case": {"$gt": ["$damaged", None]}, "then": "failed"},
            {"case": "$ready", "then": "ready"},
            {"case": {"$gt": ["$failed", None]}, "then": "failed"},
        ],
        "default": "processing",
    }
}
_LABEL_STATE = {
    "$let": {
        "vars": {"states": {"$map": {"input": _LABELS, "in": "$$this.label_state"}}},
        "in": {
            "$switch": {
                "branches": [
                    {"case": {"$in": ["labeled", "$$states"]}, "then": "labeled"},
                    {"case": {"$in": ["auto", "$$states"]}, "then": "auto"},
                ],
                "default": "unlabeled",
            }
        },
    }
}
# A stage of an update: the fields that lists filter by follow from the others.
DERIVED_FIELDS: dict[str, Any] = {
    "$set": {
        "state": _STATE,
        "objects": {"$sum": {"$map": {"input": _LABELS, "in": "$$this.objects"}}},
        "label_state": _LABEL_STATE,
    }
}
