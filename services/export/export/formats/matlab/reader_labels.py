"""The cells of MATLAB's label table: shapes of a label on a frame, linked into objects."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple

from common.geometry.types import ImageTag
from export.formats.matlab.reader_classes import Definition
from export.formats.matlab.reader_shapes import Item, ParsedShape, items, shapes
from export.parsing.detections import Detection
from export.parsing.iou_tracker import IouTracker
from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, skipped, skipped_for
from export.parsing.values import attribute_values

_IDS = ("id", "trackid", "track_id")


class _LabeledShape(NamedTuple):
    """A shape and its attributes."""

    where: str
    shape: ParsedShape
    attributes: Mapping[str, Any]

    @property
    def type_name(self) -> str | None:
        """The type of its category."""
        type_name = self.attributes.get("Type")
        return type_name if isinstance(type_name, str) and type_name else None

    @property
    def object_id(self) -> str | None:
        """The object id, if there is one."""
        ids = (
            str(value) for name, value in self.attributes.items() if name.lower() in _IDS and value not in (None, "")
        )
        return next(ids, None)

    @property
    def detection(self) -> Detection:
        """The detection of the shape."""
        attributes = {
            name: value for name, value in self.attributes.items() if name != "Type" and name.lower() not in _IDS
        }
        return Detection(self.where, self.shape.geometry, attributes=attribute_values(attributes))


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
                yield from self._add(matched, label, [(None, "scene", Detection(where, ImageTag()))])
        else:
            labeled: list[_LabeledShape] = []
            yield from self._read(where, kind, defined.sublabels if defined else {}, value, labeled)
            yield from self._add(matched, label, self._linked(row, matched, label, labeled))

    def _pixels(self, value: Any) -> Iterator[Parsed]:
        if value and not self._has_pixels:
            self._has_pixels = True
            yield skipped(self._name, "pixel_labels_skipped")

    def _read(
        self, where: str, kind: str, sublabels: Mapping[str, str], value: Any, labeled: list[_LabeledShape]
    ) -> Iterator[Parsed]:
        """Append the shapes of a cell to `seen`; malformed entries are skipped."""
        try:
            entries = list(items(value))
        except MALFORMED as error:
            yield skipped_for(where, error)
            return
        for number, item in enumerate(entries, 1):
            try:
                labeled.extend(_shapes_of(f"{where} {number}", kind, item, None))
                for name, nested in item.attributes.items():
                    for part in items(nested) if isinstance(nested, list | dict) else ():
                        labeled.extend(_shapes_of(f"{where} {number}, {name}", sublabels.get(name, ""), part, name))
            except MALFORMED as error:
                yield skipped_for(f"{where} {number}", error)

    def _linked(
        self, row: int, matched: MatchedFrame | UnmatchedFrame, label: str, shapes: list[_LabeledShape]
    ) -> Iterator[tuple[str | None, Hashable, Detection]]:
        """Each shape with its track: by object id, unique per frame, or else by IoU."""
        tracked: set[Hashable] = set()
        others: defaultdict[Hashable, list[_LabeledShape]] = defaultdict(list)
        for labeled in shapes:
            key = labeled.type_name, labeled.shape.geometry.kind, labeled.object_id
            if labeled.object_id is not None and key not in tracked:
                tracked.add(key)
                yield labeled.type_name, key, labeled.detection
            else:
                others[labeled.type_name, labeled.shape.geometry.kind].append(labeled)
        medium = matched.medium.id if isinstance(matched, MatchedFrame) and matched.medium.kind == "video" else None
        for kind, same_kind in others.items():
            boxes = [labeled.shape.corners for labeled in same_kind]
            tracks = self._tracker.tracks((medium, label, kind), row, boxes) if medium else [0] * len(boxes)
            for labeled, track in zip(same_kind, tracks, strict=True):
                yield labeled.type_name, track, labeled.detection

    def _add(self, matched: MatchedFrame | UnmatchedFrame, label: str, detections: Any) -> Iterator[Parsed]:
        for type_name, track, detection in detections:
            try:
                yield from self._collector.add(matched, label, detection, track=track, type_name=type_name)
            except MALFORMED as error:
                yield skipped_for(detection.where, error)


def _shapes_of(where: str, kind: str, item: Item, sublabel: str | None) -> Iterator[_LabeledShape]:
    fields = {name: value for name, value in item.attributes.items() if not isinstance(value, list | dict)}
    if sublabel is not None:
        fields["Type"] = sublabel
    for shape in shapes(kind, item.position):
        yield _LabeledShape(where, shape, fields)
