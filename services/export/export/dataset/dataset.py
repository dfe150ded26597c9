"""The input of a format's writer: media, and streams of their labels and images."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import orjson

from common.contract.missions import Mission
from common.contract.questions import SubsetSplit
from export.dataset.capabilities import KINDS, Capabilities
from export.dataset.classes import Classes
from export.dataset.collector import Collector
from export.dataset.known_fields import is_understood, kind_of
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.losses import LossCounter
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.selection import Selection
from export.dataset.track import Track
from export.dataset.vocabulary import Vocabulary

UNREADABLE = "lost_unreadable"
UNKNOWN_KIND = "lost_unknown_kind"
UNKNOWN_FIELD = "lost_unknown_property"

# The weight of decoding and sending an image in an export's progress; the labels of its frame weigh 1.
IMAGE_WEIGHT = 20


@dataclass(frozen=True, slots=True)
class ImageFile:
    """The image of one frame, as the bytes of a file that are read once."""

    frame: int
    size_bytes: int
    chunks: Iterator[bytes]


OpenImageStreams = Callable[[Sequence[ExportMedium]], Iterator[tuple[ExportMedium, ImageFile]]]


@dataclass(slots=True)
class Progress:
    """The progress of an export, in frames."""

    total: int
    done: int = 0

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0


class Dataset:
    """The selected labels of a project at one moment.

    `snapshot` opens the lines of a snapshot from its beginning each time it is called; `open_images` opens the images
    of media, in their order. With `open_originals`, videos are exported as the files it opens, without images.
    """

    def __init__(
        self,
        media: Sequence[ExportMedium],
        missions: Sequence[Mission],
        selection: Selection,
        report: LossReport,
        snapshot: Callable[[], Iterable[bytes]],
        open_images: OpenImageStreams | None = None,
        open_originals: OpenImageStreams | None = None,
    ) -> None:
        self.media = media
        self.missions = missions
        self.selection = selection
        self.report = report
        self.capabilities = Capabilities.everything()
        self.vocabulary = Vocabulary(missions)
        self.classes = Classes(missions, selection)
        # The requested split, for formats that divide images by themselves.
        self.split: SubsetSplit | None = None
        self._snapshot = snapshot
        self._open_images = open_images
        self._open_originals = open_originals
        self.progress = Progress(0)
        self.count_work()

    def count_work(self) -> None:
        """Restart the progress, with the total of the selected media."""
        labels = sum(medium.frame_count for medium in self.media)
        files = self._images_wanted + self._originals_wanted
        self.progress.done, self.progress.total = 0, labels + IMAGE_WEIGHT * files

    @property
    def save_images(self) -> bool:
        """Whether the archive is to hold images."""
        return self._open_images is not None

    def shows(self, medium: ExportMedium) -> bool:
        """Whether the archive is to hold images of the medium's frames; a video may be exported as its file instead."""
        return self.save_images and (medium.kind == "image" or self._open_originals is None)

    def without_reports(self) -> "Dataset":
        """The same dataset for a read-only pass: it reports no losses and no progress."""
        found = copy(self)
        found.report, found.progress = LossReport(), Progress(0)
        return found

    def limited_to(self, capabilities: Capabilities) -> "Dataset":
        """The same dataset for a format with these capabilities."""
        found = copy(self)
        found.capabilities = capabilities
        return found

    def of(self, media: Sequence[ExportMedium]) -> "Dataset":
        """The same dataset with these media only; it shares the report and the progress."""
        found = copy(self)
        found.media = media
        return found

    def subsets(self) -> "list[tuple[str, Dataset]]":
        """Every subset by name with its media; one subset, `default`, where media are not divided. They share the
        report and the numbers of classes."""
        names = sorted({medium.subset for medium in self.media}, key=_rank)
        return [(name, self.of([medium for medium in self.media if medium.subset == name])) for name in names]

    def labels(self) -> Iterator[Labels]:
        """The labels of every medium, each medium once, those without labels last. Losses by the format's capabilities
        are counted in the report."""
        losses = LossCounter(self.capabilities, self.classes, self.report)
        by_id = {medium.id: medium for medium in self.media}
        collector: Collector | None = None
        for media_id, state in self._states():
            if collector is None or collector.medium.id != media_id:
                if collector is not None:
                    yield from self._passed(collector, losses)
                medium = by_id.pop(media_id, None)
                if medium is None:
                    raise ValueError(f"The snapshot is not ordered by medium at {media_id}")
                collector = Collector(medium)
            self._collect(collector, state, losses)
        if collector is not None:
            yield from self._passed(collector, losses)
        for medium in by_id.values():
            yield from self._passed(Collector(medium), losses)

    def _states(self) -> Iterator[tuple[str, dict[str, Any]]]:
        known = {medium.id for medium in self.media}
        for line in self._snapshot():
            state = orjson.loads(line)
            media_id = state["media_id"]
            if media_id in known and not state.get("deleted"):
                yield media_id, state

    def _collect(self, collector: Collector, state: dict[str, Any], losses: LossCounter) -> None:
        """Add an object, if it is selected. An unreadable one must not fail the export of all others."""
        kind = kind_of(state)
        try:
            if kind == "label":
                collector.prefer(state)
            resolved_class = self.vocabulary.resolved_class(state["mission"], state["category"], state.get("type"))
            if not self.selection.takes(resolved_class.category, kind, state):
                return
            if kind not in KINDS:
                self.report.add(UNKNOWN_KIND)
                return
            found, track = LabelObject.read(state, resolved_class), Track.read(kind, state["keyframes"])
            self.report.add(UNKNOWN_FIELD, not is_understood(state))
        except (AttributeError, KeyError, TypeError, ValueError):
            self.report.add(UNREADABLE)
            return
        if losses.count_object(found, track, collector.medium):
            collector.add(found, track)

    def _passed(self, collector: Collector, losses: LossCounter) -> Iterator[Labels]:
        labels = collector.labels(self.report)
        losses.count_medium(labels)
        yield labels
        self.progress.done += collector.medium.frame_count

    def images(self) -> Iterator[tuple[ExportMedium, ImageFile]]:
        """The image of every selected frame of every medium, if the archive is to hold images; missing ones are
        reported."""
        if self._open_images is None:
            return
        missing = self._images_wanted
        for medium, image in self._open_images([medium for medium in self.media if self.shows(medium)]):
            yield medium, image
            missing -= 1
            self.progress.done += IMAGE_WEIGHT
        self.report.add("lost_missing_images", missing)

    def originals(self) -> Iterator[tuple[ExportMedium, ImageFile]]:
        """The uploaded files of the media that are exported as files instead of images."""
        if self._open_originals is None:
            return
        wanted = [medium for medium in self.media if not self.shows(medium)]
        found = 0
        for medium, image in self._open_originals(wanted):
            yield medium, image
            found += 1
            self.progress.done += IMAGE_WEIGHT
        self.report.add("lost_missing_files", len(wanted) - found)

    @property
    def _images_wanted(self) -> int:
        return sum(len(medium.frames) for medium in self.media if self.shows(medium))

    @property
    def _originals_wanted(self) -> int:
        return sum(not self.shows(medium) for medium in self.media) if self._open_originals else 0


def _rank(subset: str) -> tuple[int, str]:
    """Training comes first."""
    known = ("default", "train", "val", "test")
    return (known.index(subset) if subset in known else len(known)), subset
