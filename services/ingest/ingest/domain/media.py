"""A medium as it is shown, from what is recorded of it."""

from typing import Any

from common.contract.clips import FRAMES_PER_CLIP
from common.contract.media import ClipSummary, Medium

_PLAIN = (
    "project_id", "name", "kind", "state", "label_state", "objects", "conditions", "content_type", "size_bytes",
    "sha256", "created_at", "author",
)  # fmt: skip
_FOOTAGE = ("width", "height", "fps", "frame_count", "duration_s")


def medium_of(record: dict[str, Any]) -> Medium:
    """The medium that a record describes."""
    footage = record.get("footage") or {}
    fields = {name: record[name] for name in _PLAIN} | {name: footage.get(name) for name in _FOOTAGE}
    reason = record.get("broken") or (None if record["ready"] else record.get("failed"))
    return Medium.model_validate(fields | {"id": record["_id"], "reason": reason, "clips": clips_of(record)})


def clips_of(record: dict[str, Any]) -> list[ClipSummary]:
    """The clips: those that are ready, and those that are known to come."""
    ready: dict[str, dict[str, int]] = record["clips"]
    footage = record.get("footage") or {}
    length = ready["0"]["last"] + 1 if "0" in ready else FRAMES_PER_CLIP
    last_frame = footage.get("frame_count", 0) - 1
    coming = "failed" if record["state"] == "failed" else "processing"
    clips = []
    for index in range(footage.get("clip_count", 0)) if footage else sorted(map(int, ready)):
        made = ready.get(str(index))
        frames = made or {"first": index * length, "last": min(last_frame, (index + 1) * length - 1)}
        labels = record["labels"].get(str(index), {})
        clips.append(
            ClipSummary(
                index=index,
                first=frames["first"],
                last=frames["last"],
                state="ready" if made else coming,
                label_state=labels.get("label_state", "unlabeled"),
                objects=labels.get("objects", 0),
            )
        )
    return clips
