"""The cells of MATLAB's label table: shapes of a label on a frame, linked into objects."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple

from common.geometry.types import ImageTag
from export.formats.matlab.reader_classes import Definition
from export.formats.matlab.reader_shapes import Drawn, Item, items, shapes
from export.parsing.detections import Detection
from export.parsing.iou_tracker import IouTracker
from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, skipped, skipped_for
from export.parsing.values import attribute_values

_IDS = ("id", "trackid", "track_id")


class _Seen(NamedTuple):
    """A shape and its attributes."""

    where: str
    drawn: Drawn
    attributes: Mapping[str, Any]

    @property
    def type_name(self) -> str | None:
        """The type of its category."""
        found = self.attributes.get("Type")
        return found if isinstance(found, str) and found else None

    @property
    def object_id(self) -> str | None:
        """The object id, if there is one."""
        found = (
            str(value) for name, value in self.attributes.items() if name.lower() in _IDS and value not in (None, "")
        )
        return next(found, None)

    @property
    def detection(self) -> Detection:
        """The detection of the shape."""
        attributes = {
            name: value for name, value in self.attributes.items() if name != "Type" and name.lower() not in _IDS
        }
        return Detection(self.where, self.drawn.geometry, attributes=attribute_values(attributes))


class Labels:
    """The labels of a file, read cell by cell."""

    def __init__(self, name: str, collector: ObjectCollector, defined: Mapping[str, Definition]) -> None:
        self._name = name
        self._collector = collector
        self._defined = defined
        self._tracker = IouTracker()
        self._has_pixels = False

    def of(
        self, where: str, row: int, matched: MatchedFrame | UnmatchedFrame, label: str, value: Any
    ) -> Iterator[Parsed]:
        """The objects of a cell; objects on several frames follow when their frames end."""
        defined = self._defined.get(label)
        kind = defined.type if defined else ""
        if kind.lower() == "pixellabel" or label == "PixelLabelData":
            yield from self._pixels(value)
        elif kind.lower() == "scene" or isinstance(value, bool):
            if value in (True, [True]):
                yield from self._put(matched, label, [(None, "scene", Detection(where, ImageTag()))])
        else:
            seen: list[_Seen] = []
            yield from self._draw(where, kind, defined.sublabels if defined else {}, value, seen)
            yield from self._put(matched, label, self._linked(row, matched, label, seen))

    def _pixels(self, value: Any) -> Iterator[Parsed]:
        if value and not self._has_pixels:
            self._has_pixels = True
            yield skipped(self._name, "pixel_labels_skipped")

    def _draw(
        self, where: str, kind: str, sublabels: Mapping[str, str], value: Any, seen: list[_Seen]
    ) -> Iterator[Parsed]:
        """Append the shapes of a cell to `seen`; malformed entries are skipped."""
        try:
            found = list(items(value))
        except MALFORMED as error:
            yield skipped_for(where, error)
            return
        for number, item in enumerate(found, 1):
            try:
                seen.extend(_shapes_of(f"{where} {number}", kind, item, None))
                for name, below in item.attributes.items():
                    for part in items(below) if isinstance(below, list | dict) else ():
                        seen.extend(_shapes_of(f"{where} {number}, {name}", sublabels.get(name, ""), part, name))
            except MALFORMED as error:
                yield skipped_for(f"{where} {number}", error)

    def _linked(
        self, row: int, matched: MatchedFrame | UnmatchedFrame, label: str, seen: list[_Seen]
    ) -> Iterator[tuple[str | None, Hashable, Detection]]:
        """Each shape with its track: by object id, unique per frame, or else by IoU."""
        known: set[Hashable] = set()
        others: defaultdict[Hashable, list[_Seen]] = defaultdict(list)
        for one in seen:
            key = one.type_name, one.drawn.geometry.kind, one.object_id
            if one.object_id is not None and key not in known:
                known.add(key)
                yield one.type_name, key, one.detection
            else:
                others[one.type_name, one.drawn.geometry.kind].append(one)
        medium = matched.medium.id if isinstance(matched, MatchedFrame) and matched.medium.kind == "video" else None
        for kind, alike in others.items():
            boxes = [one.drawn.corners for one in alike]
            tracks = self._tracker.tracks((medium, label, kind), row, boxes) if medium else [0] * len(boxes)
            for one, track in zip(alike, tracks, strict=True):
                yield one.type_name, track, one.detection

    def _put(self, matched: MatchedFrame | UnmatchedFrame, label: str, seen: Any) -> Iterator[Parsed]:
        for type_name, track, detection in seen:
            try:
                yield from self._collector.add(matched, label, detection, track=track, type_name=type_name)
            except MALFORMED as error:
                yield skipped_for(detection.where, error)


def _shapes_of(where: str, kind: str, item: Item, sublabel: str | None) -> Iterator[_Seen]:
    fields = {name: value for name, value in item.attributes.items() if not isinstance(value, list | dict)}
    if sublabel is not None:
        fields["Type"] = sublabel
    for drawn in shapes(kind, item.position):
        yield _Seen(where, drawn, fields)
