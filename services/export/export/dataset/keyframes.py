"""The keyframes of all objects of a medium, compact enough for millions."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.contract.labels import Keyframe
from common.geometry.tracks import Tracks
from common.geometry.types import Angles, Geometry, Keypoint
from export.dataset.objects import LabelObject
from export.dataset.track import SOURCES, Corners, Track, flat

_NOWHERE: Corners = (0.0, 0.0, 0.0, 0.0, 0.0)


class Key(NamedTuple):
    """A keyframe exactly as it was stored; `attributes` by id, only its own."""

    frame: int
    geometry: Corners | Geometry
    outside: bool
    occluded: bool
    source: str
    score: float | None
    attributes: Mapping[str, Any]
    keypoints: Sequence[Keypoint]
    rpy: Angles | None


class KeyframeAttributes(NamedTuple):
    """The attributes of a keyframe: its own, by id, and all that hold from it on, by name."""

    own: Mapping[str, Any]
    held: dict[str, Any]


@dataclass(frozen=True)
class Keyframes:
    """Keyframes, object by object. `tracks` holds plain boxes; the keyframes of all other objects are `packed` as JSON,
    by object, and not in `tracks`. `source` is an index into SOURCES, `score` NaN for none, `attribute_index` an index
    into `attributes`."""

    tracks: Tracks
    occluded: NDArray[np.bool_]
    source: NDArray[np.int8]
    score: NDArray[np.float64]
    attribute_index: NDArray[np.int32]
    attributes: list[KeyframeAttributes]
    packed: list[list[bytes] | None]

    def rows_of(self, index: int) -> range:
        """The rows of an object's keyframes in the arrays."""
        starts = self.tracks.starts
        end = int(starts[index + 1]) if index + 1 < len(starts) else len(self.tracks.frames)
        return range(int(starts[index]), end)

    def of(self, index: int) -> Iterator[Key]:
        """The keyframes of an object in order."""
        packed = self.packed[index]
        if packed is not None:
            return (_key(Keyframe.model_validate_json(content)) for content in packed)
        return self._boxes(self.rows_of(index))

    def _boxes(self, rows: range) -> Iterator[Key]:
        part = slice(rows.start, rows.stop)
        columns = zip(
            self.tracks.frames[part].tolist(),
            zip(*self.tracks.boxes_xyxyr[part].T.tolist(), strict=True),
            self.tracks.outside[part].tolist(),
            self.occluded[part].tolist(),
            map(SOURCES.__getitem__, self.source[part].tolist()),
            (None if isnan(score) else score for score in self.score[part].tolist()),
            (self.attributes[row].own for row in self.attribute_index[part].tolist()),
            repeat(()),
            repeat(None),
            strict=False,
        )
        return map(Key._make, columns)

    def attributes_of(self, index: int) -> list[str]:
        """The ids of the attributes that an object's keyframes have."""
        rows = self.rows_of(index)
        indices = np.unique(self.attribute_index[rows.start : rows.stop]).tolist()
        return sorted({name for index in indices for name in self.attributes[index].own})

    def _box(self, row: int) -> Key:
        score = float(self.score[row])
        return Key(
            int(self.tracks.frames[row]),
            tuple(self.tracks.boxes_xyxyr[row].tolist()),
            bool(self.tracks.outside[row]),
            bool(self.occluded[row]),
            SOURCES[self.source[row]],
            None if np.isnan(score) else score,
            self.attributes[self.attribute_index[row]].own,
            (),
            None,
        )

    def frames_of(self, index: int) -> NDArray[np.int64]:
        """The frames of an object's keyframes."""
        rows = self.rows_of(index)
        return self.tracks.frames[rows.start : rows.stop]

    @cached_property
    def held(self) -> list[dict[str, Any]]:
        """All attributes that hold, by name, for each `attribute_index`."""
        return [attributes.held for attributes in self.attributes]

    @cached_property
    def is_plain(self) -> bool:
        """Whether all objects are plain boxes."""
        return all(packed is None for packed in self.packed)

    @cached_property
    def weight(self) -> float:
        """The average memory of a shape relative to a plain box."""
        extra = sum(len(content) for packed in self.packed for content in packed or ())
        return 1 + extra / 64 / max(1, len(self.tracks.frames))


def _key(keyframe: Keyframe) -> Key:
    return Key(
        keyframe.frame,
        flat(keyframe.geometry),
        keyframe.outside,
        keyframe.occluded,
        keyframe.source,
        keyframe.score,
        keyframe.attributes,
        keyframe.keypoints,
        keyframe.rpy,
    )


class KeyframesBuilder:
    """Collects keyframes object by object."""

    def __init__(self) -> None:
        self._starts = array("q")
        self._frames = array("q")
        self._boxes = array("d")
        self._outside = array("b")
        self._occluded = array("b")
        self._sources = array("b")
        self._scores = array("d")
        self._attribute_index = array("i")
        self._attributes: list[KeyframeAttributes] = []
        self._packed: list[list[bytes] | None] = []

    def add(self, found: LabelObject, track: Track) -> None:
        """Add an object's keyframes."""
        self._starts.append(len(self._frames))
        frames, outside, occluded, sources, scores, attributes = zip(*track.rows, strict=True)
        self._frames.extend(frames)
        self._outside.extend(outside)
        self._occluded.extend(occluded)
        self._sources.extend(sources)
        self._scores.extend(scores)
        self._add_attributes(found, attributes)
        for box in track.boxes or (_NOWHERE,) * len(frames):
            self._boxes.extend(box)
        packed = [keyframe.model_dump_json(exclude_unset=True).encode() for keyframe in track.keyframes]
        self._packed.append(packed if track.boxes is None else None)

    def _add_attributes(self, found: LabelObject, attributes: Sequence[Mapping[str, Any]]) -> None:
        current = KeyframeAttributes({}, found.attributes)
        self._attributes.append(current)
        for own in attributes:
            if own or current.own:
                held = {**current.held, **found.resolved_class.named(own)} if own else current.held
                current = KeyframeAttributes(own, held)
                self._attributes.append(current)
            self._attribute_index.append(len(self._attributes) - 1)

    def appearance(self, index: int) -> tuple[int, list[float], bytes]:
        """The first frame, box and packed keyframe of an object."""
        first, packed = self._starts[index], self._packed[index]
        return self._frames[first], self._boxes[5 * first : 5 * first + 5].tolist(), packed[0] if packed else b""

    def keyframes(self, objects: Sequence[int]) -> Keyframes:
        """The collected keyframes, with the objects in this order."""
        frames, firsts = np.asarray(self._frames), np.asarray(self._starts)
        lengths = np.diff(np.append(firsts, len(frames)))[list(objects)]
        starts = np.cumsum(lengths) - lengths
        rows = np.repeat(firsts[list(objects)] - starts, lengths) + np.arange(len(frames))
        return Keyframes(
            Tracks(
                frames[rows],
                np.asarray(self._boxes).reshape(-1, 5)[rows],
                np.asarray(self._outside).view(np.bool_)[rows],
                starts,
            ),
            np.asarray(self._occluded).view(np.bool_)[rows],
            np.asarray(self._sources)[rows],
            np.asarray(self._scores)[rows],
            np.asarray(self._attribute_index)[rows],
            self._attributes,
            [self._packed[index] for index in objects],
        )
