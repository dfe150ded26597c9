"""ModelArts label files: VOC XML with shapes, and text files with one label per line."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from common.geometry.types import ImageTag
from export.formats.pascal_voc.reader_shapes import attributes_of, geometry_of, is_set, name_of, number, text
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_files import LabelFile, match_label_file
from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, skipped_for
from export.parsing.values import parse_value
from export.parsing.xml_elements import iterate_elements

TYPE = "type"


class _LabeledShape(NamedTuple):
    """A shape with its category and type."""

    category: str
    type_name: str | None
    detection: Detection


def xml_objects(
    name: str,
    content: bytes,
    matched: MatchedFrame | UnmatchedFrame,
    collector: ObjectCollector,
    source: Mapping[str, str],
) -> Iterator[Parsed]:
    """The objects of an XML file."""
    try:
        for count, element in enumerate(iterate_elements(content, "object"), 1):
            where = f"{name}, object {count}"
            try:
                shape = _labeled_shape(where, element)
                yield from collector.add(matched, shape.category, shape.detection, type_name=shape.type_name, **source)
            except MALFORMED as error:
                yield skipped_for(where, error)
    except ValueError as error:
        yield skipped_for(name, error)


def _labeled_shape(where: str, element: Element) -> _LabeledShape:
    attributes = dict(attributes_of(element))
    type_name = attributes.pop(TYPE, None) or None
    detection = Detection(
        where,
        geometry_of(element),
        occluded=is_set(element, "occluded"),
        score=number(element, "confidence") if text(element, "confidence") else None,
        attributes={name: parse_value(value) for name, value in attributes.items()},
    )
    return _LabeledShape(name_of(element), type_name, detection)


def objects_beside(archive: ArchiveReader, name: str, collector: ObjectCollector) -> Iterator[Parsed]:
    """The labels of a file beside an image."""
    file = LabelFile(name, name)
    matched = match_label_file(file, "", collector)
    content = archive.read(name)
    if name.lower().endswith(".xml"):
        yield from xml_objects(name, content, matched, collector, {})
        return
    for count, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        if label := line.strip():
            where = f"{name}, line {count}"
            try:
                yield from collector.add(matched, label, Detection(where, ImageTag()), track="label")
            except MALFORMED as error:
                yield skipped_for(where, error)
