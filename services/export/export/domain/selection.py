"""Which labels an export takes, and whether what was asked makes sense."""

from collections.abc import Iterable
from dataclasses import dataclass

from common.errors import FieldError
from common.questions import StartExport
from export.domain.known import ANNOTATION_TYPES
from export.domain.names import name_fault
from export.domain.vocabulary import Term


@dataclass(frozen=True, slots=True)
class Selection:
    """Categories, by id or by name, and annotation types to take; None takes all."""

    classes: frozenset[str] | None = None
    annotation_types: frozenset[str] | None = None

    @classmethod
    def of(cls, classes: Iterable[str] | None, annotation_types: Iterable[str] | None) -> "Selection":
        """From lists as they travel."""
        return cls(
            None if classes is None else frozenset(classes),
            None if annotation_types is None else frozenset(annotation_types),
        )

    def takes_class(self, category: Term) -> bool:
        """Whether objects of the category are taken."""
        return self.classes is None or not self.classes.isdisjoint(category)

    def takes_kind(self, kind: str) -> bool:
        """Whether objects of the annotation type are taken."""
        return self.annotation_types is None or kind in self.annotation_types


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
