"""Collects the objects of one medium from the lines of a snapshot."""

from collections.abc import Mapping
from typing import Any

from export.dataset.keyframes import KeyframesBuilder
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.shapes import MediumLabel, holding
from export.dataset.track import Track


class Collector:
    """The objects of a medium, added one by one in any order."""

    def __init__(self, medium: ExportMedium) -> None:
        self.medium = medium
        self._stack = KeyframesBuilder()
        self._objects: list[LabelObject] = []
        self._whole: list[tuple[LabelObject, Track]] = []
        self._default: tuple[float, str] | None = None

    def prefer(self, state: Mapping[str, Any]) -> None:
        """Record a label of the whole medium, selected or not: the one preferred last is the medium's default label."""
        ranked = -float(state.get("preferred_at") or 0.0), str(state["id"])
        if self._default is None or ranked < self._default:
            self._default = ranked

    def add(self, found: LabelObject, track: Track) -> None:
        """Add an object with its keyframes."""
        if found.kind == "label":
            self._whole.append((found, track))
            return
        self._objects.append(found)
        self._stack.add(found, track)

    def labels(self, report: LossReport) -> Labels:
        """The collected labels, the farthest objects first, else in the order in which they appear on the frames. The
        order does not depend on ids, so that equal labels make equal archives."""
        order = sorted(range(len(self._objects)), key=self._rank)
        return Labels(
            self.medium,
            [self._objects[index] for index in order],
            sorted(map(self._whole_label, self._whole), key=_first),
            self._stack.keyframes(order),
            report,
        )

    def _rank(self, index: int) -> tuple[Any, ...]:
        found = self._objects[index]
        seen = self._stack.appearance(index)
        return found.state.z_order, *seen, found.mission, found.category, found.state.id

    def _whole_label(self, item: tuple[LabelObject, Track]) -> MediumLabel:
        found, track = item
        is_default = self._default is not None and self._default[1] == found.state.id
        return MediumLabel(found, track.keyframes, holding(track.rows, self.medium.frame_count), is_default)


def _first(label: MediumLabel) -> tuple[Any, ...]:
    return not label.is_default, label.spans, label.object.mission, label.object.category, label.object.state.id
