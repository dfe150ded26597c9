"""Counts the losses that follow from a format's capabilities."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.classes import Classes
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.track import Track


class LossCounter:
    """Counts lossy objects and media in `report`."""

    def __init__(self, capabilities: Capabilities, classes: Classes, report: LossReport) -> None:
        self._capabilities = capabilities
        self._classes = classes
        self._report = report

    def count_object(self, found: LabelObject, track: Track, medium: ExportMedium) -> bool:
        """Count the losses of an object; False if nothing of it is exported."""
        if found.kind not in self._capabilities.kinds:
            self._add([found.kind])
            return False
        features = found.features() | track.features() | self._features_in(found, track, medium)
        self._add([found.kind, *sorted(features)])
        return True

    def count_medium(self, labels: Labels) -> None:
        """Count the losses of a medium itself, and of objects whose class belongs to another mission in the format."""
        if any(value != "Unknown" for value in labels.medium.conditions.model_dump().values()):
            self._add([Feature.CONDITIONS])
        for found in (*labels.objects, *(label.object for label in labels.medium_labels)):
            if self._classes.of(found.category, found.mission).mission != found.mission:
                self._add([Feature.MISSIONS])

    def _features_in(self, found: LabelObject, track: Track, medium: ExportMedium) -> set[Feature]:
        """The features that an object has by its medium and its names."""
        names = {
            *found.attributes,
            *(found.resolved_class.attributes.of(key) for row in track.rows for key in row.attributes),
        }
        has = {
            Feature.RESERVED: not self._capabilities.reserved.isdisjoint(names),
            Feature.TRACKS: medium.kind == "video" and found.kind != "label",
            Feature.SPANS: found.kind == "label" and (len(track.rows) > 1 or track.rows[0].frame > 0),
            Feature.AFTER_END: track.rows[-1].frame >= medium.frame_count,
        }
        return {feature for feature, is_there in has.items() if is_there}

    def _add(self, found: list[str]) -> None:
        for code in self._capabilities.lost(found):
            self._report.add(code)
