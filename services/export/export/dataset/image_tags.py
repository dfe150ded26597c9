"""Labels of whole media, light enough to be kept for all media until the images are written."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from export.dataset.dataset import Dataset
from export.dataset.known_attributes import KnownAttributes
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.shapes import MediumLabel, Span

FURTHER = "lost_further_labels"
Held = tuple[int, Mapping[str, Any]]
_NOTHING: Mapping[str, Any] = {}


class Tag(NamedTuple):
    """A label of the frames in `spans` with the name and the number of its class, and its last score. `held` are its
    attributes by name, with the frame from which on they hold."""

    name: str
    number: int
    spans: Sequence[Span]
    is_default: bool
    score: float | None
    held: Sequence[Held]
    type_name: str | None = None
    source: str = "manual"
    group: str | None = None

    def holds(self, frame: int) -> bool:
        """Whether the label holds on a frame."""
        return any(first <= frame <= last for first, last in self.spans)

    def attributes(self, frame: int) -> Mapping[str, Any]:
        """The attributes on a frame."""
        return next((held for first, held in reversed(self.held) if first <= frame), _NOTHING)


class Tags:
    """The labels of all media, at most one of a class on a frame."""

    def __init__(self, dataset: Dataset) -> None:
        self._classes = dataset.classes
        self._by_medium: dict[str, list[Tag]] = {}

    @classmethod
    def read(cls, dataset: Dataset, known: KnownAttributes | None = None) -> "Tags":
        """The labels of all media, from a pass over the dataset that reports losses."""
        tags = cls(dataset)
        for labels in dataset.labels():
            tags.add(labels)
            if known is not None:
                known.count_others(labels, dataset.report)
        return tags

    def add(self, labels: Labels) -> None:
        """Add the labels of one medium."""
        if labels.medium_labels:
            self._by_medium[labels.medium.id] = [self._tag(label) for label in labels.medium_labels]

    def of(self, medium: ExportMedium) -> Sequence[Tag]:
        """All labels of a medium."""
        return self._by_medium.get(medium.id, ())

    def on(self, medium: ExportMedium, frame: int) -> list[Tag]:
        """The labels that hold on a frame, the default one first."""
        found: dict[int, Tag] = {}
        for tag in self.of(medium):
            if tag.holds(frame):
                found.setdefault(tag.number, tag)
        return list(found.values())

    def _tag(self, label: MediumLabel) -> Tag:
        found = label.object
        known = self._classes.of(found.category, found.mission)
        return Tag(
            known.name,
            known.number,
            tuple(label.spans),
            label.is_default,
            _score(label),
            _held(label),
            found.type,
            found.state.source,
            found.state.group,
        )


def _score(label: MediumLabel) -> float | None:
    scores = (keyframe.score for keyframe in reversed(label.keyframes) if keyframe.score is not None)
    return next(scores, label.object.state.score)


def _held(label: MediumLabel) -> Sequence[Held]:
    held: Mapping[str, Any] = label.object.attributes
    found: list[Held] = [(0, held)] if held else []
    for keyframe in label.keyframes:
        if keyframe.attributes:
            held = {**held, **label.object.resolved_class.named(keyframe.attributes)}
            found.append((keyframe.frame, held))
    return tuple(found)
