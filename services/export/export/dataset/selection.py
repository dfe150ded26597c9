"""The labels that an export selects, and the validation of its request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.contract.errors import FieldError, Param, reason_for
from common.contract.questions import StartExport
from export.dataset.known_fields import ANNOTATION_TYPES
from export.dataset.safe_names import name_fault
from export.dataset.vocabulary import Term


@dataclass(frozen=True, slots=True)
class Selection:
    """Categories, by id or by name, annotation types and sources to select; None selects all. `done_only` selects
    objects that are marked as done."""

    classes: frozenset[str] | None = None
    annotation_types: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    done_only: bool = False

    @classmethod
    def of(
        cls,
        classes: Iterable[str] | None,
        annotation_types: Iterable[str] | None,
        sources: Iterable[str] | None = None,
        done_only: bool = False,
    ) -> "Selection":
        """From the lists of a request."""
        return cls(
            None if classes is None else frozenset(classes),
            None if annotation_types is None else frozenset(annotation_types),
            None if sources is None else frozenset(sources),
            done_only,
        )

    def takes_class(self, category: Term) -> bool:
        """Whether objects of the category are selected."""
        return self.classes is None or not self.classes.isdisjoint(category)

    def takes_kind(self, kind: str) -> bool:
        """Whether objects of the annotation type are selected."""
        return self.annotation_types is None or kind in self.annotation_types

    def takes(self, category: Term, kind: str, state: Mapping[str, Any]) -> bool:
        """Whether an object of this category and annotation type is selected; `state` as it was parsed from JSON."""
        is_source = self.sources is None or state.get("source", "manual") in self.sources
        is_ready = not self.done_only or bool(state.get("done"))
        return self.takes_class(category) and self.takes_kind(kind) and is_source and is_ready


def request_errors(asked: StartExport, formats: frozenset[str]) -> list[FieldError]:
    """The errors of a request, field by field."""
    found: list[FieldError] = []
    if asked.format not in formats:
        found.append(_error("format", "export_format_unknown", format=asked.format))
    if fault := name_fault(asked.name):
        found.append(FieldError("name", fault))
    if asked.media is not None and not asked.media:
        found.append(_error("media", "export_media_empty"))
    if asked.classes is not None and not asked.classes:
        found.append(_error("classes", "export_classes_empty"))
    if asked.annotation_types is not None and not asked.annotation_types:
        found.append(_error("annotation_types", "export_annotation_types_empty"))
    if asked.sources is not None and not asked.sources:
        found.append(_error("sources", "export_sources_empty"))
    if asked.split is not None and not asked.split.train + asked.split.val + asked.split.test:
        found.append(_error("split", "split_empty"))
    unknown = sorted(set(asked.annotation_types or []) - set(ANNOTATION_TYPES))
    found += [_error("annotation_types", "export_annotation_type_unknown", type=name) for name in unknown]
    return found


def _error(field: str, code: str, **params: Param) -> FieldError:
    return FieldError(field, reason_for(code, **params))
