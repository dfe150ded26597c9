"""Counts what a format cannot carry, object by object, whatever the format."""

from export.dataset.capabilities import Carries, Feature
from export.dataset.classes import Classes
from export.dataset.labels import Labels
from export.dataset.loss_report import Report
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.track import Track


class Losses:
    """What is lost in a format that `carries` so much, noted in `report`: how many objects lose it, or how many
    files."""

    def __init__(self, carries: Carries, classes: Classes, report: Report) -> None:
        self._carries = carries
        self._classes = classes
        self._report = report

    def spare(self, found: LabelObject, track: Track, medium: ExportMedium) -> bool:
        """Note what an object loses; whether anything of it is left."""
        if found.kind not in self._carries.kinds:
            self._drop([found.kind])
            return False
        self._drop([found.kind, *sorted(found.features() | track.features() | self._placed(found, track, medium))])
        return True

    def count_medium(self, labels: Labels) -> None:
        """Note what a medium itself loses, and its objects beside others."""
        if any(said != "Unknown" for said in labels.medium.conditions.model_dump().values()):
            self._drop([Feature.CONDITIONS])
        for found in (*labels.objects, *(label.object for label in labels.whole)):
            if self._classes.of(found.category, found.mission).mission != found.mission:
                self._drop([Feature.MISSIONS])

    def _placed(self, found: LabelObject, track: Track, medium: ExportMedium) -> set[Feature]:
        """What an object has because of where it is."""
        names = {*found.attributes, *(found.meaning.attributes.of(key) for row in track.rows for key in row.attributes)}
        has = {
            Feature.RESERVED: not self._carries.reserved.isdisjoint(names),
            Feature.TRACKS: medium.kind == "video" and found.kind != "label",
            Feature.SPANS: found.kind == "label" and (len(track.rows) > 1 or track.rows[0].frame > 0),
            Feature.AFTER_END: track.rows[-1].frame >= medium.frame_count,
        }
        return {feature for feature, there in has.items() if there}

    def _drop(self, what: list[str]) -> None:
        for words in self._carries.lost(what):
            self._report.drop(words)
