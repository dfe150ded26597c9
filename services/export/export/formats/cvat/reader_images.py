"""The `<image>` elements of CVAT XML: shapes of single frames, and tags."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from common.geometry.types import Geometry, ImageTag, Polygon
from common.service.ids import stable_id
from export.formats.cvat.reader_head import Head, Task
from export.formats.cvat.reader_shapes import attributes_of, flag, geometry_of, source_of
from export.formats.cvat.reader_tracks import split_type
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed
from export.parsing.reasons import or_skipped, skipped

# CVAT's names for the frames of a video; the name of the video is in the task.
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
        for count, (_, elements) in enumerate(groupby(enumerate(image), key=_owner), 1):
            pieces = [element for _, element in elements]
            piece_where = f"{where}, {pieces[0].tag} {count}"
            yield from or_skipped(piece_where, self._object, piece_where, matched, pieces, head)

    def finish(self) -> Iterator[Parsed]:
        """Tags of videos, and images without a match."""
        yield from self._collector.finish()

    def _object(
        self, where: str, matched: MatchedFrame | UnmatchedFrame, pieces: list[Element], head: Head
    ) -> Iterator[Parsed]:
        first = pieces[0]
        label = first.attrib["label"]
        type_name, attributes = split_type(attributes_of(first, head.kinds_of(label)))
        fields: dict[str, Any] = {
            "z_order": int(first.get("z_order", "0")),
            "source": source_of(first.get("source")),
            "group": _group(first, matched),
        }
        is_tag = first.tag == "tag"
        detection = Detection(
            where,
            ImageTag() if is_tag else _merged(pieces),
            is_key=not is_tag,
            occluded=flag(first, "occluded"),
            attributes=attributes,
            source=fields["source"],
        )
        # The same tag on several frames of a video is one label.
        track = "tag" if is_tag else None
        yield from self._collector.add(matched, label, detection, track=track, type_name=type_name, **fields)

    def _match(self, where: str, name: str, image: Element, head: Head) -> MatchedFrame | UnmatchedFrame:
        """The frame of an image: by its name, or by its task or subset and its name."""
        task = head.task(image.get("task_id"))
        first: UnmatchedFrame | None = None
        for path in _paths(name, task, image.get("subset")):
            matched = self._collector.match(path, None, where)
            if isinstance(matched, MatchedFrame):
                return matched
            first = first or matched
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


def _merged(pieces: list[Element]) -> Geometry:
    if len(pieces) == 1:
        return geometry_of(pieces[0])
    geometries = [geometry_of(piece) for piece in pieces]
    return Polygon(parts=[part for piece in geometries if isinstance(piece, Polygon) for part in piece.parts])
