"""The keypoints of classes, for formats that number them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from common.geometry.types import Keypoint, Skeleton
from export.dataset.dataset import Dataset
from export.dataset.keyframes import Key
from export.dataset.labels import Labels
from export.dataset.objects import LabelObject
from export.dataset.shapes import Shape
from export.dataset.vocabulary import Term


@dataclass(frozen=True, slots=True)
class ClassKeypoints:
    """The keypoints of a class by name with their positions, and the edges between them as pairs of positions."""

    positions: dict[str, int] = field(default_factory=dict)
    edges: list[tuple[int, int]] = field(default_factory=list)

    def add(self, names: Iterable[str]) -> None:
        """Append names that are not there yet."""
        for name in names:
            self.positions.setdefault(name, len(self.positions))

    def join(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Add edges; one with an unknown end is left out."""
        for begin, end in pairs:
            if begin in self.positions and end in self.positions:
                edge = self.positions[begin], self.positions[end]
                self.edges.extend([edge] if edge not in self.edges else [])

    def ordered(self, keypoints: Iterable[Keypoint]) -> list[Keypoint | None]:
        """The keypoints by position, None for a missing one."""
        by_position: list[Keypoint | None] = [None] * len(self.positions)
        for keypoint in keypoints:
            by_position[self.positions[keypoint.name]] = keypoint
        return by_position


KeypointsByClass = dict[int, ClassKeypoints]


def class_keypoints(dataset: Dataset) -> KeypointsByClass:
    """The keypoints of every class by its number: those of the missions' templates, then all others by name. Takes a
    pass over the labels, after which every class has its number."""
    used: dict[int, set[str]] = {}
    for labels in dataset.without_reports().labels():
        numbers = [dataset.classes.of(found.category, found.mission).number for found in _all_objects(labels)]
        for index, names in _used(labels):
            used.setdefault(numbers[index], set()).update(names)
    keypoints = {known.number: ClassKeypoints() for known in dataset.classes.all()}
    for mission in dataset.missions:
        for category in mission.categories:
            if category.joints and dataset.selection.takes_class(Term(category.id, category.name)):
                declared = keypoints[dataset.classes.of(category.name, mission.name).number]
                declared.add(category.joints.names)
                declared.join(category.joints.edges)
    for number, names in used.items():
        keypoints[number].add(sorted(names))
    return keypoints


def keypoints_of(shape: Shape | Key) -> Iterable[Keypoint]:
    """The keypoints of a shape, or of the skeleton that it is."""
    return shape.geometry.keypoints if isinstance(shape.geometry, Skeleton) else shape.keypoints


def _all_objects(labels: Labels) -> list[LabelObject]:
    return [*labels.objects, *(label.object for label in labels.medium_labels)]


def _used(labels: Labels) -> Iterator[tuple[int, set[str]]]:
    for index, packed in enumerate(labels.keyframes.packed):
        if packed is not None:
            yield index, {keypoint.name for key in labels.keys(index) for keypoint in keypoints_of(key)}
