"""Labels of whole media as edits. A label is an object that covers the whole image, on all frames or on ranges.

A labeled medium has exactly one default label. It changes only on request or when it is removed; adding a label never
changes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from annotation.domain.derived_edits import label_id
from annotation.domain.errors import EditRefused
from annotation.domain.object_class import ObjectClass
from annotation.domain.tracks import FOREVER, Span, visible_spans
from common.contract.edits import Create, Delete, Edit, MakeDefault, SetPresence
from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import ImageTag
from common.service.ids import stable_id

E = TypeVar("E", Create, Delete, MakeDefault, SetPresence)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a medium by object id, including deleted ones, and its number of frames. `complete`: the number is
    final."""

    media_id: str
    states: Mapping[str, ObjectState]
    frame_count: int
    complete: bool = True

    def of(self, object_class: ObjectClass) -> ObjectState | None:
        """The label with a category, deleted or not."""
        return self.states.get(label_id(self.media_id, object_class.mission, object_class.category))

    @property
    def default(self) -> ObjectState | None:
        """The default label of the medium; None if it has no label."""
        return default_of(self.states.values())


def default_of(states: Iterable[ObjectState]) -> ObjectState | None:
    """The default label: the one made default last, otherwise the one with the smallest id."""
    existing = (state for state in states if not state.deleted)
    return min(existing, key=lambda state: (-(state.preferred_at or 0.0), state.id), default=None)


class _EditBuilder:
    """Builds the edits of one operation. Their ids are derived from their content, so that repeated edits are equal."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.edits: list[Edit] = []

    def add(self, verb: type[E], object_id: str, state: ObjectState | None, **fields: Any) -> None:
        parts = [value for value in fields.values() if isinstance(value, str | int)]
        edit_id = stable_id("label", self.operation, object_id, verb.model_fields["verb"].default, *parts)
        base_revision = state.revision if state else 0
        target = {"id": edit_id, "operation": self.operation, "object": object_id, "base_revision": base_revision}
        self.edits.append(verb.model_validate(target | fields))


def add_label(
    labels: Labels, classes: Iterable[ObjectClass], spans: Sequence[Span] | None, operation: str
) -> list[Edit]:
    """The edits that add labels to a medium, on all frames or on ranges; none for labels it has.

    Raises:
        EditRefused: A range is outside the medium.
    """
    builder = _EditBuilder(operation)
    ranges = _merged(spans, labels) if spans is not None else None
    new = [label for label in sorted(set(classes)) if not _exists(labels.of(label))]
    for label in sorted(set(classes)):
        state = labels.of(label)
        if state is None or state.deleted:
            _create(builder, labels, label, ranges)
        else:
            _show(builder, state, ranges, labels)
    _keep_default(builder, labels, new)
    return builder.edits


def remove_label(labels: Labels, label: ObjectClass, spans: Sequence[Span] | None, operation: str) -> list[Edit]:
    """The edits that remove a label from a medium or from ranges of its frames; none if the label does not exist."""
    builder = _EditBuilder(operation)
    state = labels.of(label)
    if state is None or state.deleted:
        return []
    if spans is None:
        builder.add(Delete, state.id, state)
        return builder.edits
    for span in _merged(spans, labels):
        if any(shown.first <= span.last and shown.last >= span.first for shown in visible_spans(state.keyframes)):
            builder.add(SetPresence, state.id, state, present=False, first=span.first, last=span.last)
    return builder.edits


def make_default(labels: Labels, label: ObjectClass, operation: str) -> list[Edit]:
    """The edit that makes an existing label the default of a medium; none if it already is."""
    builder = _EditBuilder(operation)
    state = labels.of(label)
    if state is None or state.deleted or (state is labels.default and state.preferred_at is not None):
        return []
    builder.add(MakeDefault, state.id, state)
    return builder.edits


def reclassify(labels: Labels, before: ObjectClass, after: ObjectClass, operation: str) -> list[Edit]:
    """The edits that replace a label by another one on the same frames; the new one is the default if the old one
    was."""
    old = labels.of(before)
    if old is None or old.deleted:
        return []
    spans = visible_spans(old.keyframes)
    whole = _covers(spans, Span(0, labels.frame_count - 1))
    edits = add_label(replace(labels, complete=True), [after], None if whole else spans, operation)
    builder = _EditBuilder(operation)
    if old is labels.default:
        target = label_id(labels.media_id, after.mission, after.category)
        builder.add(MakeDefault, target, labels.of(after))
    builder.add(Delete, old.id, old)
    return [edit for edit in edits if edit.object != old.id] + builder.edits


def _exists(state: ObjectState | None) -> bool:
    return state is not None and not state.deleted


def _create(builder: _EditBuilder, labels: Labels, label: ObjectClass, spans: Sequence[Span] | None) -> None:
    keyframes: list[Keyframe] = []
    for span in spans if spans is not None else [Span(0, FOREVER)]:
        keyframes.append(Keyframe(frame=span.first, geometry=ImageTag()))
        if span.last + 1 < labels.frame_count:
            keyframes.append(Keyframe(frame=span.last + 1, geometry=ImageTag(), outside=True))
    target = label_id(labels.media_id, label.mission, label.category)
    builder.add(Create, target, None, mission=label.mission, category=label.category, keyframes=keyframes)


def _show(builder: _EditBuilder, state: ObjectState, ranges: Sequence[Span] | None, labels: Labels) -> None:
    """Extend a label to further frames."""
    shown = visible_spans(state.keyframes)
    if ranges is None:
        if not _covers(shown, Span(0, labels.frame_count - 1)):
            builder.add(SetPresence, state.id, state, present=True)
        return
    for span in ranges:
        if not _covers(shown, span):
            builder.add(SetPresence, state.id, state, present=True, first=span.first, last=span.last)


def _keep_default(builder: _EditBuilder, labels: Labels, new: Sequence[ObjectClass]) -> None:
    """Keep the default label when labels are added."""
    default = labels.default
    if default is None or default.preferred_at is not None or not new:
        return
    ids = [label_id(labels.media_id, label.mission, label.category) for label in new]
    if any(object_id < default.id for object_id in ids):
        builder.add(MakeDefault, default.id, default)


def _covers(shown: Iterable[Span], span: Span) -> bool:
    return any(other.first <= span.first and other.last >= span.last for other in shown)


def _merged(spans: Sequence[Span], labels: Labels) -> list[Span]:
    """Sorted ranges within the medium, adjacent ones merged."""
    merged: list[Span] = []
    for span in sorted(spans):
        _check_span(span, labels)
        last = min(span.last, labels.frame_count - 1)
        if merged and span.first <= merged[-1].last + 1:
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, last))
        else:
            merged.append(Span(span.first, last))
    if not merged:
        raise EditRefused("frame_range_required")
    return merged


def _check_span(span: Span, labels: Labels) -> None:
    if span.first > span.last:
        raise EditRefused("frame_range_reversed", first=span.first, last=span.last)
    if span.first >= labels.frame_count:
        raise EditRefused("frame_outside_medium", frame=span.first, frame_count=labels.frame_count)
    if not labels.complete and span.last >= labels.frame_count - 1:
        raise EditRefused("frames_still_counted")
