"""CVAT for video 1.1: one XML file with an element for each object, and in it one for each frame on which it is seen.

`annotations.xml`, and with pictures `images/<name>`, or `images/<subset>/<name>` where media are divided into subsets.
One medium is a task; several are the tasks of a project, in the order of their names, and a track says in `task_id`
which is its own. Frames count from 0 within their task, also those of which no picture is taken. Keyframes have
`keyframe="1"`; where an object goes out of view, it has a keyframe with `outside="1"`, once. Shapes have two decimals.

CVAT knows no tracks of masks: it reads one frame of such a track only. So each mask, and each part of a polygon of
several, is a track of one frame, and what was one object is a group. Polygons with holes are masks. `part_of`, which
other programs do not read, is a number of the object; where it is that of the group, the object was in none.
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
    Drawing,
    Groups,
    Piece,
    attributes_xml,
    keypoints_xml,
    pictures,
)

_ROWS_AT_ONCE = 1024
_REMEMBERED = 4096
_BOX = ' xtl="%.2f" ytl="%.2f" xbr="%.2f" ybr="%.2f"'


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations.xml", _document(dataset))
    yield from pictures(dataset)


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
        self._drawing = Drawing(labels.medium)
        self._boxes: dict[Any, str] = {}

    def rows(self) -> Iterator[str]:
        """The tracks, line by line."""
        for index, shapes in self._labels.by_object():
            if any(_is_split(key) for key in self._keys(index)):
                yield from self._apart(index, shapes)
            else:
                yield from self._track(index, shapes)

    def _keys(self, index: int) -> Iterable[Key]:
        return self._labels.keys(index) if self._labels.keyframes.packed[index] is not None else ()

    def _track(self, index: int, shapes: Iterable[Shape]) -> Iterator[str]:
        """An object as one track; nothing if nothing of it is seen."""
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

    def _apart(self, index: int, shapes: Iterable[Shape]) -> Iterator[str]:
        """An object as a track for each piece on each frame, all in one group."""
        group, own = self._labels.objects[index].state.group, ("object", index)
        for shape in shapes:
            pieces = self._drawing.pieces(shape.geometry)
            self._report.add(NOTHING, not pieces)
            for piece in pieces:
                yield self._begin(index, group or own, own)
                yield self._element(shape, piece, is_key=True)
                if shape.frame + 1 < self._labels.medium.frame_count:
                    yield self._element(shape._replace(frame=shape.frame + 1), piece, is_key=True, outside=True)
                yield "</track>\n"

    def _begin(self, index: int, group: object, whole: object = None) -> str:
        found = self._labels.objects[index]
        said = f'label="{xml_text(found.category, self._report)}" source="{SOURCES[found.state.source]}"'
        numbers = "" if group is None else f' group_id="{self._groups.of(group)}"'
        numbers += "" if whole is None else f' part_of="{self._groups.of(whole)}"'
        return f'<track id="{next(self._ids)}" {said}{self._belongs}{numbers}>\n'

    def _end(self, last: Shape, ends: Iterator[Key]) -> str:
        """Where an object goes out of view after `last`; towards what is stored there, the shapes before went."""
        frame = last.frame + 1
        key = next((key for key in ends if key.frame >= frame), None)
        (piece,) = self._drawing.pieces(last.geometry)
        if key is not None and key.frame == frame:
            (piece,) = self._drawing.pieces(key.geometry) or [piece]
            last = last._replace(occluded=key.occluded)
        return self._element(last._replace(frame=frame), piece, is_key=True, outside=True)

    def _row(self, shape: Shape) -> str | None:
        """A shape as an element; None if nothing of it is to be seen."""
        where = shape[8]
        if type(where) is tuple and not where[4]:
            return self._box(shape) % (shape[0], *where[:4])
        pieces = self._drawing.pieces(where)
        if not pieces:
            self._report.add(NOTHING)
            return None
        return self._element(shape, pieces[0], is_key=shape.is_key)

    def _element(self, shape: Shape, piece: Piece, *, is_key: bool, outside: bool = False) -> str:
        found, children = shape.object, attributes_xml(shape.object, shape.attributes, self._report)
        if piece.keypoints is not None:
            marks = f' keyframe="{int(is_key)}"'
            children = keypoints_xml(piece.keypoints, self._known[found.category], marks, self._report) + children
        said = f'keyframe="{int(is_key)}" outside="{int(outside)}" occluded="{int(shape.occluded)}"'
        return (
            f'<{piece.tag} frame="{shape.frame}" {said}{piece.where} z_order="{found.state.z_order}">\n'
            f"{children}</{piece.tag}>\n"
        )

    def _box(self, shape: Shape) -> str:
        """The element of a box, to be filled with its frame and its corners: most say the same on many frames."""
        key = shape[1], id(shape[7]), shape[4], shape[3]
        found = self._boxes.get(key)
        if found is None:
            if len(self._boxes) >= _REMEMBERED:
                self._boxes.clear()
            # A piece that cannot come from anything said: texts have neither of these characters.
            made = self._element(shape._replace(frame=0), Piece("box", "\0"), is_key=shape.is_key)
            made = made.replace("%", "%%").replace('frame="0"', 'frame="%d"', 1).replace("\0", _BOX)
            found = self._boxes[key] = made
        return found


def _is_split(key: Key) -> bool:
    match key.geometry:
        case Bitmap():
            return True
        case Polygon():
            return len(key.geometry.parts) > 1 or any(part.holes for part in key.geometry.parts)
    return False
