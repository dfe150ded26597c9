"""CVAT for images 1.1: one XML file with an element for each frame.

`annotations.xml`, and with pictures `images/<name>`, or `images/<subset>/<name>` where media are divided into subsets,
which then have `subset`. All media are one task; an image's `id` counts the frames of all media from 0, also those that
are not taken. Shapes have two decimals; a part of a polygon is a polygon, and all parts of one are a group; a polygon
with holes and a bitmap are masks: run lengths row by row through `width` × `height` pixels, the first outside. The type
of a category is the attribute `type`. Labels of whole media are tags on every frame on which they hold. `part_of`,
which other programs do not read, is a number of the polygon; where it is that of the group, the polygon was in none.
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
    Drawing,
    Groups,
    attributes_xml,
    is_divided,
    keypoints_xml,
    pictures,
)

_FRAMES_AT_ONCE = 256
_REMEMBERED = 4096


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations.xml", _document(dataset))
    yield from pictures(dataset)


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
    about = task(1, only.name if only else "default", size, "annotation", dataset.report, video)
    return document_head(dataset, [about], known.values(), is_project=False)


def _image(medium: ExportMedium, frame: int, first_id: int, dataset: Dataset, divided: bool) -> str:
    name = xml_text(medium.frame_path(frame), dataset.report)
    subset = f' subset="{xml_text(medium.subset, dataset.report)}"' if divided else ""
    return f'<image id="{first_id + frame}" name="{name}"{subset} width="{medium.width}" height="{medium.height}">\n'


class _Dress(NamedTuple):
    """What stands before and after where a shape is, up to its children, and its attributes; `box` is all of it for a
    box that is not turned, to be filled with its corners."""

    head: str
    tail: str
    attributes: str
    box: str


class _Images:
    """Writes the shapes and tags of one medium's frames."""

    def __init__(self, labels: Labels, dataset: Dataset, known: dict[str, CvatLabel], groups: Groups) -> None:
        self._drawing = Drawing(labels.medium)
        self._report = dataset.report
        self._known = known
        self._groups = groups
        self._dresses: dict[Any, _Dress] = {}

    def elements(self, frame: Frame) -> Iterator[str]:
        """The elements of a frame, the farthest first, then tags."""
        for shape in frame.shapes:
            where = shape[8]
            if type(where) is tuple and not where[4]:
                yield self._dress(shape).box % where[:4]
            else:
                yield from self._drawn(shape)
        for label in frame.medium_labels:
            yield self._tag(label, frame.number)

    def _drawn(self, shape: Shape) -> Iterator[str]:
        pieces = self._drawing.pieces(shape.geometry)
        self._report.add(NOTHING, not pieces)
        head, tail, attributes, _ = self._dress(shape, is_split=len(pieces) > 1)
        for tag, where, keypoints in pieces:
            children = attributes
            if keypoints is not None:
                label, marks = self._known[shape.object.category], f' source="{SOURCES[shape.source]}"'
                children = keypoints_xml(keypoints, label, marks, self._report) + attributes
            yield f"<{tag}{head}{where}{tail}>\n{children}</{tag}>\n"

    def _dress(self, shape: Shape, *, is_split: bool = False) -> _Dress:
        """Most shapes say the same on many frames."""
        key = shape[1], id(shape[7]), shape[4], shape[5], is_split
        found = self._dresses.get(key)
        if found is None:
            if len(self._dresses) >= _REMEMBERED:
                self._dresses.clear()
            found = self._dresses[key] = self._make_dress(shape, is_split)
        return found

    def _make_dress(self, shape: Shape, is_split: bool) -> _Dress:
        found, report = shape.object, self._report
        whole = ("parts of", shape.object_index) if is_split else None
        group = found.state.group or whole
        head = f' label="{xml_text(found.category, report)}" source="{SOURCES[shape.source]}"'
        head += f' occluded="{int(shape.occluded)}"'
        tail = f' z_order="{found.state.z_order}"' + self._number("group_id", group) + self._number("part_of", whole)
        attributes = attributes_xml(found, shape.attributes, report)
        left, right = head.replace("%", "%%"), f"{tail}>\n{attributes}</box>\n".replace("%", "%%")
        return _Dress(head, tail, attributes, f'<box{left} xtl="%.2f" ytl="%.2f" xbr="%.2f" ybr="%.2f"{right}')

    def _number(self, name: str, of: object) -> str:
        return "" if of is None else f' {name}="{self._groups.of(of)}"'

    def _tag(self, label: MediumLabel, frame: int) -> str:
        found = label.object
        held = dict(found.attributes)
        for keyframe in label.keyframes:
            if keyframe.frame <= frame and keyframe.attributes:
                held |= found.resolved_class.named(keyframe.attributes)
        name, source = xml_text(found.category, self._report), SOURCES[found.state.source]
        attributes = attributes_xml(found, held, self._report)
        return (
            f'<tag label="{name}" source="{source}"{self._number("group_id", found.state.group)}>\n{attributes}</tag>\n'
        )
