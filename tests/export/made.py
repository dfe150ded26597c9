"""Builders of media, objects, datasets and archives for the tests of export."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from common.contract.labels import Keyframe, ObjectState
from common.contract.media import Conditions, Medium
from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.geometry.types import Box, Geometry
from export.codecs.zip import zipped
from export.dataset.dataset import Dataset, ImageFile, OpenImageStreams
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium, export_medium, lay_out
from export.dataset.selection import Selection
from export.formats.registry import FORMATS

UNKNOWN = Conditions(weather="Unknown", lighting="Unknown", fov="Unknown")
DETECTION = Mission(
    id="detection",
    name="Object Detection",
    categories=[
        Category(
            id="vehicle-1",
            name="Vehicle",
            color="#ff0000",
            types=[Type(id="car-1", name="Car", attributes=[Attribute(id="doors-1", name="Doors", kind="number")])],
            attributes=[Attribute(id="truncated-1", name="Truncated", values=["No", "Yes"], mutable=True)],
        ),
        Category(name="Pedestrian", color="#00ff00"),
    ],
    behaviors=[BehaviorType(id="turn-1", name="Turn", attributes=["Left", "Right"])],
)


def medium(media_id: str = "m1", name: str = "a.mp4", frames: int = 10, **more: Any) -> Medium:
    """A ready medium: a video if the name ends with `.mp4`, else an image."""
    kind = "video" if name.endswith(".mp4") else "image"
    given: dict[str, Any] = {
        "id": media_id,
        "project_id": "p",
        "name": name,
        "kind": kind,
        "state": "ready",
        "conditions": UNKNOWN,
        "content_type": "video/mp4" if kind == "video" else "image/jpeg",
        "size_bytes": 1000,
        "width": 640,
        "height": 480,
        "fps": 25.0,
        "frame_count": frames if kind == "video" else 1,
        "created_at": 0.0,
        "author": "ada",
    }
    return Medium(**given | more)


def keyframe(frame: int, *corners: float, **more: Any) -> Keyframe:
    """A keyframe with the box x1, y1, x2, y2 and an optional rotation."""
    x1, y1, x2, y2, *rotation = corners or (10.0, 20.0, 30.0, 60.0)
    box = Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation[0] if rotation else 0.0)
    return Keyframe(frame=frame, geometry=box, **more)


def shape_object(object_id: str, shape: Geometry, *, frame: int = 0, **more: Any) -> ObjectState:
    """An object with one shape, from one frame on."""
    return labeled(object_id, Keyframe(frame=frame, geometry=shape), annotation_type=shape.kind, **more)


def labeled(object_id: str = "o1", *keyframes: Keyframe, media_id: str = "m1", **more: Any) -> ObjectState:
    """An object with these keyframes, or a default box."""
    given: dict[str, Any] = {
        "id": object_id,
        "project_id": "p",
        "media_id": media_id,
        "mission": "detection",
        "category": "vehicle-1",
        "keyframes": list(keyframes) or [keyframe(0)],
        "revision": 1,
        "author": "ada",
    }
    return ObjectState(**given | more)


def dataset(
    media: Sequence[Medium],
    objects: Sequence[ObjectState] = (),
    missions: Sequence[Mission] = (DETECTION,),
    selection: Selection | None = None,
    images: OpenImageStreams | None = None,
    originals: OpenImageStreams | None = None,
    snapshot: Sequence[bytes] | None = None,
) -> Dataset:
    """A dataset of these objects in snapshot order; `snapshot` gives its lines instead."""
    by_medium = sorted(objects, key=lambda each: each.media_id)
    lines = [each.model_dump_json().encode() for each in by_medium] if snapshot is None else snapshot
    laid_out = lay_out(export_medium(each) for each in media)
    return Dataset(laid_out, missions, selection or Selection(), LossReport(), lambda: iter(lines), images, originals)


def archive(name: str, made: Dataset) -> dict[str, bytes]:
    """The files of an archive in format `name`, in order."""
    packed = io.BytesIO(b"".join(zipped(FORMATS[name].entries(made))))
    with zipfile.ZipFile(packed) as opened:
        assert opened.testzip() is None
        return {entry: opened.read(entry) for entry in opened.namelist()}


def every_frame(media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
    """An image of every exported frame; its content is the medium's id and the frame number."""
    for each in media:
        for frame in each.frames:
            content = f"{each.id} {frame}".encode()
            yield each, ImageFile(frame, len(content), iter((content,)))


def dropped(made: Dataset) -> dict[str, int]:
    """The losses that a writer reported, by reason code."""
    return {loss.reason.code: loss.count for loss in made.report.losses}
