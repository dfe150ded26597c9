"""Which labels an export takes, and whether what was asked makes sense."""

from dataclasses import dataclass
from typing import Any, get_args

from common.errors import FieldError
from common.labels import AnnotationType
from common.questions import StartExport
from export.domain.names import name_fault

ANNOTATION_TYPES: tuple[str, ...] = get_args(AnnotationType)


@dataclass(frozen=True, slots=True)
class Selection:
    """Categories and annotation types to take; None takes all."""

    classes: frozenset[str] | None = None
    annotation_types: frozenset[str] | None = None

    @classmethod
    def of(cls, classes: list[str] | None, annotation_types: list[str] | None) -> "Selection":
        """From lists as they travel."""
        return cls(
            None if classes is None else frozenset(classes),
            None if annotation_types is None else frozenset(annotation_types),
        )

    def takes_class(self, category: str) -> bool:
        """Whether objects of the category are taken."""
        return self.classes is None or category in self.classes

    def takes(self, state: dict[str, Any]) -> bool:
        """Whether an `ObjectState`, as parsed from JSON, is taken; a deleted one never is."""
        wanted = self.annotation_types is None or state.get("annotation_type", "bbox") in self.annotation_types
        return wanted and not state.get("deleted") and self.takes_class(str(state.get("category")))


def faults(asked: StartExport, formats: frozenset[str]) -> list[FieldError]:
    """What is wrong with an export as it was asked for, field by field; nothing is chosen for the person."""
    found: list[FieldError] = []
    if asked.format not in formats:
        found.append(FieldError("format", f"There is no export format “{asked.format}”."))
    if fault := name_fault(asked.name):
        found.append(FieldError("name", fault))
    if asked.media is not None and not asked.media:
        found.append(FieldError("media", "Choose at least one file."))
    if asked.classes is not None and not asked.classes:
        found.append(FieldError("classes", "Choose at least one class."))
    if asked.annotation_types is not None and not asked.annotation_types:
        found.append(FieldError("annotation_types", "Choose at least one annotation type."))
    unknown = sorted(set(asked.annotation_types or []) - set(ANNOTATION_TYPES))
    found += [FieldError("annotation_types", f"There is no annotation type “{name}”.") for name in unknown]
    return found
