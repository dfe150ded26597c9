"""Reader of PASCAL VOC 1.1: XML files of boxes, class and instance masks, and image lists per class.

A single XML file, or an archive with nothing else, is accepted too. Lists are named `<class>_<subset>.txt`, where the
subset has a list of its own or is a common one.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from common.geometry.types import Box, Geometry, ImageTag
from common.service.ids import stable_id
from export.dataset.texts import folder_name
from export.formats.pascal_voc.reader_maps import LabelMap, read_map
from export.formats.pascal_voc.reader_masks import areas
from export.formats.pascal_voc.reader_shapes import attributes_of, geometry_of, is_set, name_of, text
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_files import LabelFile, group_by_medium, match_label_file
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import or_skipped, skipped_for
from export.parsing.values import parse_value
from export.parsing.xml_elements import iterate_elements

_ROOT = re.compile(r"^(?:.*?/)?annotations/", re.IGNORECASE)
_LISTS = re.compile(r"^(?:.*?/)?imagesets/main/(?P<name>[^/]*)\.txt$", re.IGNORECASE)
_LINE = re.compile(r"^(?P<path>.*\S)\s+(?P<has>-1|0|1)$")
_SUBSETS = {"default", "train", "val", "trainval", "test"}
_BUILT_IN = {"type", "occluded", "rotation", "track_id", "keyframe"}
_OTHER_ELEMENTS = b"<imagesize", b"<annotations", b"<hasparts"
_VOC_ELEMENTS = b"<bndbox", b"<segmented", b"<size"
_LOOKED_AT = 5


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """Boxes medium by medium, then areas, then image labels."""
    collector = ObjectCollector(media)
    for files in group_by_medium(_annotations(archive), collector):
        for file in files:
            yield from _File(file, collector).objects(archive.read(file.name))
        yield from collector.finish_tracks()
    label_map = read_map(archive)
    yield from areas(archive, collector, label_map)
    yield from _labels(archive, collector, label_map)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """VOC's XML files, in their folder or without it; or the folder of image lists alone."""
    named = archive.names_ending(".xml")
    placed = [name for name in named if _ROOT.match(name)]
    files = (placed or named)[:_LOOKED_AT]
    if files:
        if not all(_is_voc(archive.head(name)) for name in files):
            return 0.0
        return 0.9 if placed and any(_LISTS.match(name) for name in archive.names_ending(".txt")) else 0.7
    return 0.3 if any(_LISTS.match(name) for name in archive.names_ending(".txt")) else 0.0


READER = Reader(read, detect)


def _is_voc(content: bytes) -> bool:
    has_elements = b"<annotation" in content and any(mark in content for mark in _VOC_ELEMENTS)
    return has_elements and not any(mark in content for mark in _OTHER_ELEMENTS)


def _annotations(archive: ArchiveReader) -> list[LabelFile]:
    named = archive.names_ending(".xml")
    return [LabelFile(name, _ROOT.sub("", name)) for name in named if _ROOT.match(name)] or [
        LabelFile(name, name) for name in named
    ]


class _File:
    """The label file of an image."""

    def __init__(self, file: LabelFile, collector: ObjectCollector) -> None:
        self._file = file
        self._collector = collector

    def objects(self, content: bytes) -> Iterator[Parsed]:
        """The objects of the file; tracks follow at the end of the medium."""
        matched: MatchedFrame | UnmatchedFrame | None = None
        file_name, count = "", 0
        try:
            for element in iterate_elements(content, "filename", "object"):
                if element.tag == "filename":
                    file_name = element.text or ""
                    continue
                matched = matched or match_label_file(self._file, file_name, self._collector)
                count += 1
                where = f"{self._file.name}, object {count}"
                yield from or_skipped(where, self._object, where, matched, element)
        except ValueError as error:
            yield skipped_for(self._file.name, error)

    def _object(self, where: str, matched: MatchedFrame | UnmatchedFrame, element: Element) -> Iterator[Parsed]:
        texts = dict(attributes_of(element))
        parts = element.findall("part")
        group = {"group": stable_id("group", where)} if parts else {}
        attributes = {name: _value(value) for name, value in texts.items() if name not in _BUILT_IN}
        detection = Detection(
            where,
            _rotated(geometry_of(element), texts),
            is_key=texts.get("keyframe") != "False",
            occluded=is_set(element, "occluded") or texts.get("occluded") == "True",
            attributes={**_elements(element), **attributes},
        )
        track, type_name = texts.get("track_id") or None, texts.get("type") or None
        yield from self._collector.add(matched, name_of(element), detection, track=track, type_name=type_name, **group)
        for number, part in enumerate(parts, 1):
            part_detection = Detection(f"{where}, part {number}", geometry_of(part))
            yield from self._collector.add(matched, name_of(part), part_detection, **group)


def _elements(element: Element) -> dict[str, str | bool | float]:
    """VOC's own attributes; false ones are omitted, except actions."""
    attributes: dict[str, str | bool | float] = {
        name: True for name in ("truncated", "difficult") if is_set(element, name)
    }
    if (pose := text(element, "pose")) not in ("", "Unspecified"):
        attributes["pose"] = pose
    return attributes | {action.tag: is_set(action, ".") for action in element.iterfind("actions/*")}


def _value(value: str) -> str | bool | float:
    """Booleans are written `True` and `False`, so that `true` is text."""
    if value in ("True", "False"):
        return value == "True"
    return value if value in ("true", "false") else parse_value(value)


def _rotated(shape: Geometry, fields: dict[str, str]) -> Geometry:
    if isinstance(shape, Box) and fields.get("rotation"):
        return Box(x1=shape.x1, y1=shape.y1, x2=shape.x2, y2=shape.y2, rotation=float(fields["rotation"]))
    return shape


# ---- image labels ----


def _labels(archive: ArchiveReader, collector: ObjectCollector, label_map: LabelMap) -> Iterator[Parsed]:
    listed = [(match["name"], name) for name in archive.names_ending(".txt") if (match := _LISTS.match(name))]
    subsets = _SUBSETS.union(stem for stem, _ in listed)
    names = {folder_name(name_): name_ for name_ in label_map.names}
    seen: set[tuple[MatchedFrame, str]] = set()
    for stem, name in listed:
        label, _, subset = stem.rpartition("_")
        if label and subset in subsets:
            lines = archive.read(name).decode(errors="replace").split("\n")
            rows = [_LINE.match(line) for line in lines if line.strip()]
            if all(rows):
                labeled = {line["path"]: line["has"] == "1" for line in rows if line}
                yield from _list_labels(name, names.get(label, label), labeled, collector, seen)


def _list_labels(
    name: str, label: str, labeled: dict[str, bool], collector: ObjectCollector, seen: set[tuple[MatchedFrame, str]]
) -> Iterator[Parsed]:
    """The labels of a list, except those that another list of the class already has."""
    for path, is_labeled in labeled.items():
        where = f"{name}, {path}"
        matched = collector.match(f"{path}.jpg", None, where)
        is_new = not isinstance(matched, MatchedFrame) or (matched, label) not in seen
        if is_labeled and is_new:
            seen.update([(matched, label)] if isinstance(matched, MatchedFrame) else [])
            yield from collector.add(matched, label, Detection(where, ImageTag(), is_key=False), track="label")
