"""Attributes in formats that have fields for some of them only, by name."""

from dataclasses import dataclass
from typing import Any

from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport

# With the parameter `names`.
OTHER_ATTRIBUTES = "lost_other_attributes"
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


@dataclass(frozen=True, slots=True)
class KnownAttributes:
    """The names of the attributes that a format has fields for."""

    names: tuple[str, ...]

    @property
    def listed(self) -> str:
        """The names, as a parameter of `OTHER_ATTRIBUTES`."""
        return ", ".join(self.names)

    def count_others(self, labels: Labels, report: LossReport) -> None:
        """Report the objects of a medium that have other attributes."""
        for index in range(len(labels.objects)):
            report.add(OTHER_ATTRIBUTES, not names_of(labels, index).issubset(self.names), names=self.listed)
        for label in labels.medium_labels:
            named = (label.object.resolved_class.named(keyframe.attributes) for keyframe in label.keyframes)
            has_others = not set(label.object.attributes).union(*named).issubset(self.names)
            report.add(OTHER_ATTRIBUTES, has_others, names=self.listed)


def names_of(labels: Labels, index: int) -> set[str]:
    """The names of all attributes that an object has on any frame."""
    found = labels.objects[index]
    return {found.resolved_class.attributes.of(known) for known in labels.keyframes.attributes_of(index)}.union(
        found.attributes
    )


def truth(value: Any) -> bool | None:
    """The truth value of an attribute; None if its value means neither yes nor no."""
    if isinstance(value, bool):
        return value
    text = str(int(value)) if isinstance(value, float) and value in (0, 1) else str(value).lower()
    return True if text in _YES else False if text in _NO else None
