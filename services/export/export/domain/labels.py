"""The labels of one medium as arrays: light enough for millions of keyframes, computed in windows."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from common.interpolation import Shown, Tracks, shown, spans, windows
from common.labels import Attributes, Source
from export.domain.media import ExportMedium

SOURCES: tuple[str, ...] = get_args(Source)
_SOURCE_NUMBER = {source: number for number, source in enumerate(SOURCES)}
# So many boxes are computed at once: enough for NumPy to pay, a few megabytes.
BOXES_AT_ONCE = 32_768


@dataclass(frozen=True, slots=True)
class LabelObject:
    """An object without its keyframes."""

    id: str
    mission: str
    category: str
    type: str | None
    attributes: Attributes
    annotation_type: str
    source: str
    run_id: str | None
    score: float | None
    done: bool
    revision: int
    author: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The objects of a medium. `tracks` holds the keyframes of all, object by object; `occluded`, `source`
    (an index into SOURCES) and `score` (NaN for none) say more of each keyframe."""

    medium: ExportMedium
    objects: list[LabelObject]
    tracks: Tracks
    occluded: NDArray[np.bool_]
    source: NDArray[np.int8]
    score: NDArray[np.float64]

    def by_frame(self) -> Iterator[Shown]:
        """Every visible box, frame after frame, some frames at a time."""
        for first, last in windows(self.tracks, self.medium.frame_count, BOXES_AT_ONCE):
            yield shown(self.tracks, first, last)

    def by_object(self) -> Iterator[tuple[int, Shown]]:
        """Every visible box, object after object: the object's index and all its boxes."""
        for begin, end in self._batches():
            batch = shown(self._part(begin, end), 0, self.medium.frame_count - 1)
            keyframe = batch.keyframe + self.tracks.starts[begin]
            objects = self.tracks.track[keyframe]
            order = np.argsort(objects, kind="stable")
            ends = np.searchsorted(objects[order], np.arange(begin, end + 1))
            for index in range(begin, end):
                rows = order[ends[index - begin] : ends[index - begin + 1]]
                yield (
                    index,
                    Shown(batch.frames[rows], batch.boxes_xyxyr[rows], keyframe[rows], batch.is_key[rows]),
                )

    def spans(self) -> list[list[tuple[int, int]]]:
        """For each object the runs of frames on which it is visible."""
        return spans(self.tracks, self.medium.frame_count)

    def keyframes_of(self, index: int) -> range:
        """Where the keyframes of object `index` lie in the arrays."""
        return range(int(self.tracks.starts[index]), self._end(index))

    def _end(self, index: int) -> int:
        starts = self.tracks.starts
        return int(starts[index + 1]) if index + 1 < len(starts) else len(self.tracks.frames)

    def _batches(self) -> Iterator[tuple[int, int]]:
        """Runs of objects that have about BOXES_AT_ONCE visible boxes together, and one at least."""
        first, last = self.tracks.ranges(0, self.medium.frame_count - 1)
        up_to = np.append(0, np.cumsum(last - first))
        edges = up_to[np.append(self.tracks.starts, len(self.tracks.frames))]
        begin = 0
        while begin < len(self.objects):
            end = int(np.searchsorted(edges, edges[begin] + BOXES_AT_ONCE, side="right")) - 1
            end = min(max(end, begin + 1), len(self.objects))
            yield begin, end
            begin = end

    def _part(self, begin: int, end: int) -> Tracks:
        tracks = self.tracks
        rows = slice(int(tracks.starts[begin]), self._end(end - 1))
        starts = tracks.starts[begin:end] - rows.start
        return Tracks(tracks.frames[rows], tracks.boxes_xyxyr[rows], tracks.outside[rows], starts)


class Gathering:
    """Collects the objects of one medium from the lines of a snapshot."""

    def __init__(self, medium: ExportMedium) -> None:
        self.medium = medium
        self._objects: list[LabelObject] = []
        self._frames = array("q")
        self._boxes = array("d")
        self._outside = array("b")
        self._occluded = array("b")
        self._sources = array("b")
        self._scores = array("d")
        self._starts = array("q")

    def add(self, state: dict[str, Any]) -> None:
        """Add an `ObjectState` as it was parsed from JSON; its keyframes get into order if they are not.

        Raises:
            ValueError, TypeError, KeyError: it is none; then nothing of it was added.
        """
        entry = _label_object(state)
        rows = [_row(keyframe) for keyframe in state["keyframes"]]
        if not rows:
            raise ValueError("an object without keyframes")
        if any(left[0] >= right[0] for left, right in pairwise(rows)):
            rows = [row for _, row in sorted({row[0]: row for row in rows}.items())]
        self._starts.append(len(self._frames))
        self._objects.append(entry)
        frames, boxes, outside, occluded, sources, scores = zip(*rows, strict=True)
        self._frames.extend(frames)
        self._outside.extend(outside)
        self._occluded.extend(occluded)
        self._sources.extend(sources)
        self._scores.extend(scores)
        for box in boxes:
            self._boxes.extend(box)

    def labels(self) -> Labels:
        """What was collected, in the order in which the objects appear on the frames: it does not depend on ids, so
        that equal work makes equal archives."""
        frames, boxes = np.asarray(self._frames), np.asarray(self._boxes).reshape(-1, 5)
        firsts = np.asarray(self._starts)
        objects = sorted(range(len(firsts)), key=self._appearance)
        lengths = np.diff(np.append(firsts, len(frames)))[objects]
        starts = np.cumsum(lengths) - lengths
        rows = np.repeat(firsts[objects] - starts, lengths) + np.arange(len(frames))
        outside = np.asarray(self._outside).view(np.bool_)
        return Labels(
            self.medium,
            [self._objects[index] for index in objects],
            Tracks(frames[rows], boxes[rows], outside[rows], starts),
            np.asarray(self._occluded).view(np.bool_)[rows],
            np.asarray(self._sources)[rows],
            np.asarray(self._scores)[rows],
        )

    def _appearance(self, index: int) -> tuple[int, list[float], str, str, str]:
        first, found = self._starts[index], self._objects[index]
        box = self._boxes[5 * first : 5 * first + 5].tolist()
        return self._frames[first], box, found.mission, found.category, found.id


_Row = tuple[int, tuple[float, float, float, float, float], bool, bool, int, float]


def _row(keyframe: dict[str, Any]) -> _Row:
    box = keyframe["geometry"]
    score = keyframe.get("score")
    return (
        int(keyframe["frame"]),
        (
            float(box["x1"]),
            float(box["y1"]),
            float(box["x2"]),
            float(box["y2"]),
            float(box.get("rotation", 0.0)),
        ),
        bool(keyframe.get("outside", False)),
        bool(keyframe.get("occluded", False)),
        _SOURCE_NUMBER[keyframe.get("source", "manual")],
        float("nan") if score is None else float(score),
    )


def _label_object(state: dict[str, Any]) -> LabelObject:
    return LabelObject(
        id=str(state["id"]),
        mission=str(state["mission"]),
        category=str(state["category"]),
        type=state.get("type"),
        attributes=dict(state.get("attributes") or {}),
        annotation_type=str(state.get("annotation_type", "bbox")),
        source=str(state.get("source", "manual")),
        run_id=state.get("run_id"),
        score=state.get("score"),
        done=bool(state.get("done", False)),
        revision=int(state["revision"]),
        author=str(state["author"]),
    )
