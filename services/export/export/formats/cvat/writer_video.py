"""CVAT for video 1.1: one XML file with an element per object and, inside it, one per frame on which it is visible.

`annotations.xml` and `images/<name>`, or `images/<subset>/<name>` if there are subsets. One medium is a task; several
are the tasks of a project, sorted by name, and `task_id` gives the task of each track. Frames count from 0 within their
task, including those that are not exported as images. Keyframes have `keyframe="1"`; where an object leaves the view,
one keyframe has `outside="1"`. Shapes have two decimals.

CVAT has no tracks of masks: it reads only one frame of such a track. Each mask, and each part of a multi-part polygon,
is therefore a track of one frame, and all tracks of an object form a group. Polygons with holes are masks. `part_of`,
which other programs ignore, numbers these objects; if it equals the group number, the object had no group of its own.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from common.geometry.types import Bitmap, Polygon
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.keyframes import Key
from export.dataset.labels import Labels
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from export.dataset.xml_text import DECLARATION, xml_text
from export.formats.cvat.writer_labels import CvatLabel, cvat_labels, document_head, task
from export.formats.cvat.writer_xml import (
    SOURCES,
    Groups,
    Piece,
    ShapeElements,
    attributes_xml,
    image_files,
    keypoints_xml,
)

_ROWS_AT_ONCE = 1024
_REMEMBERED = 4096
_BOX = ' xtl="%.2f" ytl="%.2f" xbr="%.2f" ybr="%.2f"'


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations.xml", _document(dataset))
    yield from image_files(dataset)


def _document(dataset: Dataset) -> Iterator[bytes]:
    known = cvat_labels(dataset)
    is_project = len(dataset.media) != 1
    tasks = (
        task(number, medium.name, medium.frame_count, "interpolation", dataset.report, medium)
        for number, medium in enumerate(dataset.media, 1)
    )
    yield DECLARATION + document_head(dataset, tasks, known.values(), is_project=is_project).encode()
    numbers = {medium.id: number for number, medium in enumerate(dataset.media, 1)} if is_project else {}
    ids, groups = count(), Groups()
    for labels in dataset.labels():
        number, subset = numbers.get(labels.medium.id), xml_text(labels.medium.subset, dataset.report)
        belongs = f' task_id="{number}" subset="{subset}"' if number else ""
        tracks = _Tracks(labels, dataset, known, belongs, ids, groups)
        rows: list[str] = []
        for row in tracks.rows():
            rows.append(row)
            if len(rows) >= _ROWS_AT_ONCE:
                yield "".join(rows).encode()
                rows = []
        yield "".join(rows).encode()
        groups.leave_medium()
    yield b"</annotations>\n"


class _Tracks:
    """Writes the tracks of one medium."""

    def __init__(
        self,
        labels: Labels,
        dataset: Dataset,
        known: dict[str, CvatLabel],
        belongs: str,
        ids: Iterator[int],
        groups: Groups,
    ) -> None:
        self._labels = labels
        self._known = known
        self._belongs = belongs
        self._ids = ids
        self._groups = groups
        self._report = dataset.report
        self._shapes = ShapeElements(labels.medium)
        self._boxes: dict[Any, str] = {}

    def rows(self) -> Iterator[str]:
        """The lines of all tracks."""
        for index, shapes in self._labels.by_object():
            if any(_is_split(key) for key in self._keys(index)):
                yield from self._split_tracks(index, shapes)
            else:
                yield from self._track(index, shapes)

    def _keys(self, index: int) -> Iterable[Key]:
        return self._labels.keys(index) if self._labels.keyframes.packed[index] is not None else ()

    def _track(self, index: int, shapes: Iterable[Shape]) -> Iterator[str]:
        """The object as one track; nothing if it is never visible."""
        previous: Shape | None = None
        ends = (key for key in self._labels.keys(index) if key.outside)
        for shape in shapes:
            row = self._row(shape)
            if row is None:
                continue
            if previous is None:
                yield self._begin(index, self._labels.objects[index].state.group)
            elif shape[0] > previous[0] + 1:
                yield self._end(previous, ends)
            yield row
            previous = shape
        if previous is not None:
            if previous[0] + 1 < self._labels.medium.frame_count:
                yield self._end(previous, ends)
            yield "</track>\n"

    def _split_tracks(self, index: int, shapes: Iterable[Shape]) -> Iterator[str]:
        """The object as one track per part and frame, all in one group."""
        group, own = self._labels.objects[index].state.group, ("object", index)
        for shape in shapes:
            pieces = self._shapes.pieces(shape.geometry)
            self._report.add(NOTHING, not pieces)
            for piece in pieces:
                yield self._begin(index, group or own, own)
                yield self._element(shape, piece, is_key=True)
                if shape.frame + 1 < self._labels.medium.frame_count:
                    yield self._element(shape._replace(frame=shape.frame + 1), piece, is_key=True, outside=True)
                yield "</track>\n"

    def _begin(self, index: int, group: object, whole: object = None) -> str:
        label_object = self._labels.objects[index]
        marks = f'label="{xml_text(label_object.category, self._report)}" source="{SOURCES[label_object.state.source]}"'
        numbers = "" if group is None else f' group_id="{self._groups.of(group)}"'
        numbers += "" if whole is None else f' part_of="{self._groups.of(whole)}"'
        return f'<track id="{next(self._ids)}" {marks}{self._belongs}{numbers}>\n'

    def _end(self, last: Shape, ends: Iterator[Key]) -> str:
        """The element that ends the visibility after `last`; interpolation leads to the shape that is stored there."""
        frame = last.frame + 1
        key = next((key for key in ends if key.frame >= frame), None)
        (piece,) = self._shapes.pieces(last.geometry)
        if key is not None and key.frame == frame:
            (piece,) = self._shapes.pieces(key.geometry) or [piece]
            last = last._replace(occluded=key.occluded)
        return self._element(last._replace(frame=frame), piece, is_key=True, outside=True)

    def _row(self, shape: Shape) -> str | None:
        """The element of a shape; None if the shape is empty."""
        where = shape[8]
        if type(where) is tuple and not where[4]:
            return self._box(shape) % (shape[0], *where[:4])
        pieces = self._shapes.pieces(where)
        if not pieces:
            self._report.add(NOTHING)
            return None
        return self._element(shape, pieces[0], is_key=shape.is_key)

    def _element(self, shape: Shape, piece: Piece, *, is_key: bool, outside: bool = False) -> str:
        label_object, children = shape.object, attributes_xml(shape.object, shape.attributes, self._report)
        if piece.keypoints is not None:
            marks = f' keyframe="{int(is_key)}"'
            children = (
                keypoints_xml(piece.keypoints, self._known[label_object.category], marks, self._report) + children
            )
        states = f'keyframe="{int(is_key)}" outside="{int(outside)}" occluded="{int(shape.occluded)}"'
        return (
            f'<{piece.tag} frame="{shape.frame}" {states}{piece.where} z_order="{label_object.state.z_order}">\n'
            f"{children}</{piece.tag}>\n"
        )

    def _box(self, shape: Shape) -> str:
        """The element of a box, with placeholders for its frame and corners; cached, because most boxes repeat it on
        many frames."""
        key = shape[1], id(shape[7]), shape[4], shape[3]
        template = self._boxes.get(key)
        if template is None:
            if len(self._boxes) >= _REMEMBERED:
                self._boxes.clear()
            # The placeholder cannot be part of any text: XML has no such character.
            element = self._element(shape._replace(frame=0), Piece("box", "\0"), is_key=shape.is_key)
            element = element.replace("%", "%%").replace('frame="0"', 'frame="%d"', 1).replace("\0", _BOX)
            template = self._boxes[key] = element
        return template


def _is_split(key: Key) -> bool:
    match key.geometry:
        case Bitmap():
            return True
        case Polygon():
            return len(key.geometry.parts) > 1 or any(part.holes for part in key.geometry.parts)
    return False
