"""The `<image>` elements of CVAT XML: shapes of single frames, and tags."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from common.geometry.types import Geometry, ImageTag, Polygon
from common.service.ids import stable_id
from export.formats.cvat.reader_head import Head, Task
from export.formats.cvat.reader_shapes import attributes_of, geometry_of, says, source_of
from export.formats.cvat.reader_tracks import typed
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed
from export.parsing.reasons import or_skipped, skipped

# CVAT names the frames of a video so, and its video only in the task.
_FRAME = re.compile(r"frame_\d+(\.\w{1,5})?", re.IGNORECASE)


class Images:
    """Reads the images of one file."""

    def __init__(self, name: str, media: MediaIndex) -> None:
        self._name = name
        self._collector = ObjectCollector(media)

    def read(self, image: Element, head: Head) -> Iterator[Parsed]:
        """The objects of an image, except tags of videos, which follow in `finish`."""
        name = image.get("name")
        if not name:
            yield skipped(f"{self._name}, image {image.get('id', '?')}", "field_missing", field="name")
            return
        where = f"{self._name}, image {name}"
        matched = self._match(where, name, image, head)
        for count, (_, same) in enumerate(groupby(enumerate(image), key=_owner), 1):
            pieces = [one for _, one in same]
            at = f"{where}, {pieces[0].tag} {count}"
            yield from or_skipped(at, self._object, at, matched, pieces, head)

    def finish(self) -> Iterator[Parsed]:
        """Tags of videos, and images without a match."""
        yield from self._collector.finish()

    def _object(
        self, where: str, matched: MatchedFrame | UnmatchedFrame, pieces: list[Element], head: Head
    ) -> Iterator[Parsed]:
        raw = pieces[0]
        label = raw.attrib["label"]
        type_name, attributes = typed(attributes_of(raw, head.kinds_of(label)))
        more: dict[str, Any] = {
            "z_order": int(raw.get("z_order", "0")),
            "source": source_of(raw.get("source")),
            "group": _group(raw, matched),
        }
        is_tag = raw.tag == "tag"
        seen = Detection(
            where,
            ImageTag() if is_tag else _together(pieces),
            is_key=not is_tag,
            occluded=says(raw, "occluded"),
            attributes=attributes,
            source=more["source"],
        )
        # The same tag on the frames of a video is one label.
        track = "tag" if is_tag else None
        yield from self._collector.add(matched, label, seen, track=track, type_name=type_name, **more)

    def _match(self, where: str, name: str, image: Element, head: Head) -> MatchedFrame | UnmatchedFrame:
        """The frame of an image: by its name, or by its task or subset and its name."""
        task = head.task(image.get("task_id"))
        first: UnmatchedFrame | None = None
        for path in _paths(name, task, image.get("subset")):
            found = self._collector.match(path, None, where)
            if isinstance(found, MatchedFrame):
                return found
            first = first or found
        assert first is not None
        return first


def _paths(name: str, task: Task, subset: str | None) -> Iterator[str]:
    before = [*task.names, *([subset] if subset else [])]
    if not (_FRAME.fullmatch(name) and task.source):
        yield name
    yield from (f"{folder}/{name}" for folder in before)


def _group(shape: Element, matched: MatchedFrame | UnmatchedFrame) -> str | None:
    """The group of a shape; parts of one polygon are not a group."""
    number = int(shape.get("group_id", "0"))
    if number <= 0 or shape.get("part_of") == shape.get("group_id") or isinstance(matched, UnmatchedFrame):
        return None
    return stable_id("group", matched.medium.id, number)


def _owner(numbered: tuple[int, Element]) -> object:
    """A key that consecutive parts of one polygon share."""
    number, shape = numbered
    owner = shape.get("part_of")
    return ("alone", number) if owner is None or shape.tag != "polygon" else ("parts of", owner)


def _together(pieces: list[Element]) -> Geometry:
    if len(pieces) == 1:
        return geometry_of(pieces[0])
    found = [geometry_of(one) for one in pieces]
    return Polygon(parts=[part for one in found if isinstance(one, Polygon) for part in one.parts])
