"""CVAT for images 1.1: one XML file with an element per frame.

`annotations.xml` and `images/<name>`, or `images/<subset>/<name>` if there are subsets, which images then have as
`subset`. All media form one task; an image's `id` counts the frames of all media from 0, including those that are not
exported. Shapes have two decimals. Each part of a polygon is a polygon, and the parts of one object form a group.
Bitmaps and polygons with holes are masks: run lengths row by row through `width` × `height` pixels, the first run
outside. The type of a category is the attribute `type`. Labels of whole media are tags on every frame to which they
apply. `part_of`, which other programs ignore, numbers the multi-part polygons; if it equals the group number, the
object had no group of its own.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import NOTHING
from export.dataset.shapes import Frame, MediumLabel, Shape
from export.dataset.xml_text import DECLARATION, xml_text
from export.formats.cvat.writer_labels import CvatLabel, cvat_labels, document_head, task
from export.formats.cvat.writer_xml import (
    SOURCES,
    Groups,
    ShapeElements,
    attributes_xml,
    image_files,
    is_divided,
    keypoints_xml,
)

_FRAMES_AT_ONCE = 256
_REMEMBERED = 4096


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations.xml", _document(dataset))
    yield from image_files(dataset)


def _document(dataset: Dataset) -> Iterator[bytes]:
    known = cvat_labels(dataset)
    yield DECLARATION + _head(dataset, known).encode()
    firsts = accumulate((medium.frame_count for medium in dataset.media), initial=0)
    first_ids = dict(zip((medium.id for medium in dataset.media), firsts, strict=False))
    groups, divided = Groups(), is_divided(dataset)
    for labels in dataset.labels():
        images = _Images(labels, dataset, known, groups)
        rows: list[str] = []
        for frame in labels.frames():
            rows.append(_image(labels.medium, frame.number, first_ids[labels.medium.id], dataset, divided))
            rows += images.elements(frame)
            rows.append("</image>\n")
            if len(rows) >= _FRAMES_AT_ONCE:
                yield "".join(rows).encode()
                rows = []
        yield "".join(rows).encode()
        groups.leave_medium()
    yield b"</annotations>\n"


def _head(dataset: Dataset, known: dict[str, CvatLabel]) -> str:
    only = dataset.media[0] if len(dataset.media) == 1 else None
    size = sum(medium.frame_count for medium in dataset.media)
    video = only if only and only.kind == "video" else None
    image_task = task(1, only.name if only else "default", size, "annotation", dataset.report, video)
    return document_head(dataset, [image_task], known.values(), is_project=False)


def _image(medium: ExportMedium, frame: int, first_id: int, dataset: Dataset, divided: bool) -> str:
    name = xml_text(medium.frame_path(frame), dataset.report)
    subset = f' subset="{xml_text(medium.subset, dataset.report)}"' if divided else ""
    return f'<image id="{first_id + frame}" name="{name}"{subset} width="{medium.width}" height="{medium.height}">\n'


class _ElementTemplate(NamedTuple):
    """The text around the coordinates of a shape's element, and its attributes; `box` is the complete element of an
    unrotated box, with placeholders for its corners."""

    head: str
    tail: str
    attributes: str
    box: str


class _Images:
    """Writes the shapes and tags of one medium's frames."""

    def __init__(self, labels: Labels, dataset: Dataset, known: dict[str, CvatLabel], groups: Groups) -> None:
        self._shapes = ShapeElements(labels.medium)
        self._report = dataset.report
        self._known = known
        self._groups = groups
        self._templates: dict[Any, _ElementTemplate] = {}

    def elements(self, frame: Frame) -> Iterator[str]:
        """The elements of a frame: shapes from back to front, then tags."""
        for shape in frame.shapes:
            where = shape[8]
            if type(where) is tuple and not where[4]:
                yield self._template(shape).box % where[:4]
            else:
                yield from self._elements(shape)
        for label in frame.medium_labels:
            yield self._tag(label, frame.number)

    def _elements(self, shape: Shape) -> Iterator[str]:
        pieces = self._shapes.pieces(shape.geometry)
        self._report.add(NOTHING, not pieces)
        head, tail, attributes, _ = self._template(shape, is_split=len(pieces) > 1)
        for tag, where, keypoints in pieces:
            children = attributes
            if keypoints is not None:
                label, marks = self._known[shape.object.category], f' source="{SOURCES[shape.source]}"'
                children = keypoints_xml(keypoints, label, marks, self._report) + attributes
            yield f"<{tag}{head}{where}{tail}>\n{children}</{tag}>\n"

    def _template(self, shape: Shape, *, is_split: bool = False) -> _ElementTemplate:
        """The template of a shape; cached, because most shapes repeat it on many frames."""
        key = shape[1], id(shape[7]), shape[4], shape[5], is_split
        template = self._templates.get(key)
        if template is None:
            if len(self._templates) >= _REMEMBERED:
                self._templates.clear()
            template = self._templates[key] = self._make_template(shape, is_split)
        return template

    def _make_template(self, shape: Shape, is_split: bool) -> _ElementTemplate:
        label_object, report = shape.object, self._report
        whole = ("parts of", shape.object_index) if is_split else None
        group = label_object.state.group or whole
        head = f' label="{xml_text(label_object.category, report)}" source="{SOURCES[shape.source]}"'
        head += f' occluded="{int(shape.occluded)}"'
        tail = (
            f' z_order="{label_object.state.z_order}"'
            + self._number("group_id", group)
            + self._number("part_of", whole)
        )
        attributes = attributes_xml(label_object, shape.attributes, report)
        left, right = head.replace("%", "%%"), f"{tail}>\n{attributes}</box>\n".replace("%", "%%")
        return _ElementTemplate(
            head, tail, attributes, f'<box{left} xtl="%.2f" ytl="%.2f" xbr="%.2f" ybr="%.2f"{right}'
        )

    def _number(self, name: str, of: object) -> str:
        return "" if of is None else f' {name}="{self._groups.of(of)}"'

    def _tag(self, label: MediumLabel, frame: int) -> str:
        label_object = label.object
        held = dict(label_object.attributes)
        for keyframe in label.keyframes:
            if keyframe.frame <= frame and keyframe.attributes:
                held |= label_object.resolved_class.named(keyframe.attributes)
        name, source = xml_text(label_object.category, self._report), SOURCES[label_object.state.source]
        attributes = attributes_xml(label_object, held, self._report)
        group = self._number("group_id", label_object.state.group)
        return f'<tag label="{name}" source="{source}"{group}>\n{attributes}</tag>\n'
