"""The labels of one medium as streams, frame after frame or object after object, computed in windows."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby, repeat, takewhile
from math import isnan
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.geometry.bounds import bounds
from common.geometry.tracks import Floats, Ints, Tracks, VisibleBoxes, frame_windows, track_spans, visible_boxes
from common.geometry.types import Bitmap
from export.dataset.interpolator import InterpolatedShape, ShapeInterpolator
from export.dataset.keyframes import Key, Keyframes
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.shapes import Frame, MediumLabel, Shape, Span
from export.dataset.track import SOURCES, Corners

# The number of boxes computed at once: a few megabytes.
BOXES_AT_ONCE = 8192
# `Shape._make` without its length check: it is called for every box.
_make_shape: Callable[[Iterable[Any]], Shape] = partial(tuple.__new__, Shape)
# Beyond a billion pixels, numbers are no longer exact to a hundredth, and formats cannot count.
FAR_OUT_PX = 1e9
FAR_OUT = "lost_far_away"


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive objects, and the index of the first among all."""

    tracks: Tracks
    first_object: int = 0
    first_row: int = 0


@dataclass(frozen=True, slots=True)
class Labels:
    """The objects of a medium, the farthest first, and the labels of the whole medium, the default one first.

    With `decimals`, boxes come rounded; other shapes are always exact.
    """

    medium: ExportMedium
    objects: list[LabelObject]
    medium_labels: list[MediumLabel]
    keyframes: Keyframes
    report: LossReport

    def frames(self, decimals: int | None = None) -> Iterator[Frame]:
        """Every selected frame of the medium, in order, also those without labels."""
        numbers = iter(self.medium.frames)
        stream = self._stream(_Run(self.keyframes.tracks), decimals, self._selected())
        for number, shapes in groupby(stream, itemgetter(0)):
            yield from map(self._frame, takewhile(number.__ne__, numbers))
            yield self._frame(number, shapes)
        yield from map(self._frame, numbers)

    def by_object(self, decimals: int | None = None) -> Iterator[tuple[int, Iterable[Shape]]]:
        """Every object: its index, and its shapes frame after frame, read before the next object is asked for."""
        for begin, end in self._batches():
            run = self._run(begin, end)
            if end == begin + 1:
                yield begin, self._stream(run, decimals)
            else:
                yield from self._one_by_one(run, begin, end, decimals)

    def keys(self, index: int) -> Iterator[Key]:
        """The keyframes of an object exactly as they were stored, also those on which it is out of view."""
        return self.keyframes.of(index)

    def spans(self) -> list[list[Span]]:
        """For each object the runs of frames on which it is visible."""
        return track_spans(self.keyframes.tracks, self.medium.frame_count)

    def _frame(self, number: int, shapes: Iterable[Shape] = ()) -> Frame:
        return Frame(number, list(shapes), [label for label in self.medium_labels if label.holds(number)])

    @property
    def _at_once(self) -> int:
        return max(1, int(BOXES_AT_ONCE / self.keyframes.weight))

    def _selected(self) -> NDArray[np.bool_] | None:
        """By frame, whether it is selected; None if all are."""
        if self.medium.picked is None:
            return None
        selected = np.zeros(self.medium.frame_count, np.bool_)
        selected[np.asarray(self.medium.picked, np.int64)] = True
        return selected

    def _stream(self, run: _Run, decimals: int | None, selected: NDArray[np.bool_] | None = None) -> Iterator[Shape]:
        for first, last in frame_windows(run.tracks, self.medium.frame_count, self._at_once):
            seen = _shown(run.tracks, first, last)
            if selected is not None:
                seen = _rows(seen, np.flatnonzero(selected[seen.frames]))
            yield from self._shapes(run, seen, decimals)

    def _one_by_one(self, run: _Run, begin: int, end: int, decimals: int | None) -> Iterator[tuple[int, list[Shape]]]:
        seen = _shown(run.tracks, 0, self.medium.frame_count - 1)
        order = np.argsort(run.tracks.track[seen.keyframe], kind="stable")
        shapes = self._shapes(run, _rows(seen, order), decimals)
        found = {index: list(its) for index, its in groupby(shapes, itemgetter(1))}
        for index in range(begin, end):
            yield index, found.pop(index, [])

    def _shapes(self, run: _Run, seen: VisibleBoxes, decimals: int | None) -> Iterator[Shape]:
        """The visible shapes, without those that are too far outside the image."""
        near = (np.abs(seen.boxes_xyxyr[:, :4]) < FAR_OUT_PX).all(axis=1)
        if not near.all():
            self.report.add(FAR_OUT, int(np.count_nonzero(~near)))
            seen = _rows(seen, np.flatnonzero(near))
        boxes = seen.boxes_xyxyr if decimals is None else np.round(seen.boxes_xyxyr, decimals)
        corners: Iterator[Corners] = zip(*boxes.T.tolist(), strict=True)
        columns = self._columns(run, seen)
        if self.keyframes.is_plain:
            return map(_make_shape, zip(*columns, corners, repeat(()), repeat(None), strict=False))
        return self._with_geometry(zip(*columns, strict=False), corners, seen.frames, decimals)

    def _columns(self, run: _Run, seen: VisibleBoxes) -> tuple[Iterable[Any], ...]:
        """The columns of shapes without geometry, keypoints and angles."""
        keyframes, rows = self.keyframes, seen.keyframe + run.first_row
        indices = (run.tracks.track[seen.keyframe] + run.first_object).tolist()
        return (
            seen.frames.tolist(),
            indices,
            map(self.objects.__getitem__, indices),
            seen.is_key.tolist(),
            keyframes.occluded[rows].tolist(),
            map(SOURCES.__getitem__, keyframes.source[rows].tolist()),
            self._scores(keyframes.score[rows], indices),
            map(keyframes.held.__getitem__, keyframes.attribute_index[rows].tolist()),
        )

    def _scores(self, scores: Floats, indices: list[int]) -> Iterable[float | None]:
        """A keyframe's score, or else the object's."""
        own = [found.state.score for found in self.objects]
        if np.isnan(scores).all():
            return map(own.__getitem__, indices)
        return (own[index] if isnan(score) else score for score, index in zip(scores.tolist(), indices, strict=True))

    def _with_geometry(
        self, rows: Iterator[tuple[Any, ...]], corners: Iterator[Corners], frames: Ints, decimals: int | None
    ) -> Iterator[Shape]:
        """Shapes that are not all plain boxes."""
        first, last = (int(frames.min()), int(frames.max())) if len(frames) else (0, 0)
        interpolators = {}
        for columns, box in zip(rows, corners, strict=True):
            frame, index = columns[:2]
            packed = self.keyframes.packed[index]
            if packed is None:
                yield _make_shape((*columns, box, (), None))
                continue
            if index not in interpolators:
                interpolators[index] = ShapeInterpolator(packed, self.keyframes.frames_of(index), first, last)
            shape = interpolators[index].at(frame)
            if shape is None or not _is_near(shape):
                self.report.add(FAR_OUT)
            else:
                yield _make_shape((*columns, *(shape if decimals is None else _rounded(shape, decimals))))

    def _batches(self) -> Iterator[tuple[int, int]]:
        """Runs of at least one object that have about as many visible shapes as are computed at once."""
        tracks, at_once = self.keyframes.tracks, self._at_once
        first, last = tracks.ranges(0, self.medium.frame_count - 1)
        up_to = np.append(0, np.cumsum(last - first))
        edges = up_to[np.append(tracks.starts, len(tracks.frames))]
        begin = 0
        while begin < len(self.objects):
            end = int(np.searchsorted(edges, edges[begin] + at_once, side="right")) - 1
            end = min(max(end, begin + 1), len(self.objects))
            yield begin, end
            begin = end

    def _run(self, begin: int, end: int) -> _Run:
        tracks = self.keyframes.tracks
        rows = slice(self.keyframes.rows_of(begin).start, self.keyframes.rows_of(end - 1).stop)
        starts = tracks.starts[begin:end] - rows.start
        part = Tracks(tracks.frames[rows], tracks.boxes_xyxyr[rows], tracks.outside[rows], starts)
        return _Run(part, begin, rows.start)


def _shown(tracks: Tracks, first: int, last: int) -> VisibleBoxes:
    # Numbers near the limit of what a float holds overflow, and are left out afterwards.
    with np.errstate(over="ignore", invalid="ignore"):
        return visible_boxes(tracks, first, last)


def _rounded(figure: InterpolatedShape, decimals: int) -> InterpolatedShape:
    if not isinstance(figure.geometry, tuple):
        return figure
    return figure._replace(geometry=tuple(np.round(figure.geometry, decimals).tolist()))


def _is_near(figure: InterpolatedShape) -> bool:
    shape = figure.geometry
    corners: Iterable[float] = ()
    if isinstance(shape, tuple):
        corners = shape[:4]
    elif isinstance(shape, Bitmap):
        corners = shape.x, shape.y
    else:
        corners = bounds(shape) or ()
    return all(abs(corner) < FAR_OUT_PX for corner in corners)


def _rows(seen: VisibleBoxes, rows: Ints) -> VisibleBoxes:
    return VisibleBoxes(seen.frames[rows], seen.boxes_xyxyr[rows], seen.keyframe[rows], seen.is_key[rows])
