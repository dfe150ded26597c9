"""Labels of whole media as edits: a label is an object that covers all of the picture, on all frames or on spans.

A labeled medium has exactly one default label. It changes only when somebody says so or when it is removed: adding a
label never does it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from annotation.domain.derived_edits import label_id
from annotation.domain.errors import Refusal
from annotation.domain.object_class import Kind
from annotation.domain.tracks import FOREVER, Span, visible_spans
from common.contract.edits import Create, Delete, Edit, MakeDefault, SetPresence
from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import ImageTag
from common.service.ids import same_id

E = TypeVar("E", Create, Delete, MakeDefault, SetPresence)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a medium, deleted ones too, by object id; and how many frames the medium has. `complete`: no more
    frames will come."""

    media_id: str
    states: Mapping[str, ObjectState]
    frame_count: int
    complete: bool = True

    def of(self, kind: Kind) -> ObjectState | None:
        """The label with a category, deleted or not."""
        return self.states.get(label_id(self.media_id, kind.mission, kind.category))

    @property
    def default(self) -> ObjectState | None:
        """The default label of the medium; None if it has no label."""
        return default_of(self.states.values())


def default_of(states: Iterable[ObjectState]) -> ObjectState | None:
    """The default one of the labels of a medium: the one that was made so last, else the one with the smallest id."""
    there = (state for state in states if not state.deleted)
    return min(there, key=lambda state: (-(state.preferred_at or 0.0), state.id), default=None)


class _Act:
    """Edits of one operation. Their ids follow from what they do: repeated, they are the same edits."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.edits: list[Edit] = []

    def make(self, verb: type[E], object_id: str, state: ObjectState | None, **what: Any) -> None:
        words = [word for word in what.values() if isinstance(word, str | int)]
        edit_id = same_id("label", self.operation, object_id, verb.model_fields["verb"].default, *words)
        about = {"id": edit_id, "object": object_id, "base_revision": state.revision if state else 0}
        self.edits.append(verb.model_validate(about | {"operation": self.operation} | what))


def added(labels: Labels, kinds: Iterable[Kind], spans: Sequence[Span] | None, operation: str) -> list[Edit]:
    """The edits that give a medium labels, on all frames or on spans of them; none where it has them.

    Raises:
        Refusal: a span lies outside the medium.
    """
    act = _Act(operation)
    wanted = _joined(spans, labels) if spans is not None else None
    fresh = [kind for kind in sorted(set(kinds)) if not _is_there(labels.of(kind))]
    for kind in sorted(set(kinds)):
        state = labels.of(kind)
        if state is None or state.deleted:
            _create(act, labels, kind, wanted)
        else:
            _show(act, state, wanted, labels)
    _keep_default(act, labels, fresh)
    return act.edits


def removed(labels: Labels, kind: Kind, spans: Sequence[Span] | None, operation: str) -> list[Edit]:
    """The edits that take a label from a medium, or from spans of its frames; none where it does not have it."""
    act = _Act(operation)
    state = labels.of(kind)
    if state is None or state.deleted:
        return []
    if spans is None:
        act.make(Delete, state.id, state)
        return act.edits
    for span in _joined(spans, labels):
        if any(shown.first <= span.last and shown.last >= span.first for shown in visible_spans(state.keyframes)):
            act.make(SetPresence, state.id, state, present=False, first=span.first, last=span.last)
    return act.edits


def preferred(labels: Labels, kind: Kind, operation: str) -> list[Edit]:
    """The edit that makes a label the default one of a medium that has it; none where it is so already."""
    act = _Act(operation)
    state = labels.of(kind)
    if state is None or state.deleted or (state is labels.default and state.preferred_at is not None):
        return []
    act.make(MakeDefault, state.id, state)
    return act.edits


def moved(labels: Labels, before: Kind, after: Kind, operation: str) -> list[Edit]:
    """The edits that make a label of a medium another: on the same frames, and the default one if it was."""
    old = labels.of(before)
    if old is None or old.deleted:
        return []
    spans = visible_spans(old.keyframes)
    whole = _covers(spans, Span(0, labels.frame_count - 1))
    edits = added(replace(labels, complete=True), [after], None if whole else spans, operation)
    act = _Act(operation)
    if old is labels.default:
        new = labels.of(after)
        target = label_id(labels.media_id, after.mission, after.category)
        act.make(MakeDefault, target, new)
    act.make(Delete, old.id, old)
    return [edit for edit in edits if edit.object != old.id] + act.edits


def _is_there(state: ObjectState | None) -> bool:
    return state is not None and not state.deleted


def _create(act: _Act, labels: Labels, kind: Kind, spans: Sequence[Span] | None) -> None:
    keyframes: list[Keyframe] = []
    for span in spans if spans is not None else [Span(0, FOREVER)]:
        keyframes.append(Keyframe(frame=span.first, geometry=ImageTag()))
        if span.last + 1 < labels.frame_count:
            keyframes.append(Keyframe(frame=span.last + 1, geometry=ImageTag(), outside=True))
    target = label_id(labels.media_id, kind.mission, kind.category)
    act.make(Create, target, None, mission=kind.mission, category=kind.category, keyframes=keyframes)


def _show(act: _Act, state: ObjectState, wanted: Sequence[Span] | None, labels: Labels) -> None:
    """Have a label hold on further frames."""
    shown = visible_spans(state.keyframes)
    if wanted is None:
        if not _covers(shown, Span(0, labels.frame_count - 1)):
            act.make(SetPresence, state.id, state, present=True)
        return
    for span in wanted:
        if not _covers(shown, span):
            act.make(SetPresence, state.id, state, present=True, first=span.first, last=span.last)


def _keep_default(act: _Act, labels: Labels, fresh: Sequence[Kind]) -> None:
    """Have the default label stay what it is beside labels that come."""
    default = labels.default
    if default is None or default.preferred_at is not None or not fresh:
        return
    ids = [label_id(labels.media_id, kind.mission, kind.category) for kind in fresh]
    if any(one < default.id for one in ids):
        act.make(MakeDefault, default.id, default)


def _covers(shown: Iterable[Span], span: Span) -> bool:
    return any(one.first <= span.first and one.last >= span.last for one in shown)


def _joined(spans: Sequence[Span], labels: Labels) -> list[Span]:
    """Spans in order, inside the medium, those that meet as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        _check_span(span, labels)
        last = min(span.last, labels.frame_count - 1)
        if joined and span.first <= joined[-1].last + 1:
            joined[-1] = Span(joined[-1].first, max(joined[-1].last, last))
        else:
            joined.append(Span(span.first, last))
    if not joined:
        raise Refusal("A span of frames is needed.")
    return joined


def _check_span(span: Span, labels: Labels) -> None:
    if span.first > span.last:
        raise Refusal(f"A span cannot begin on frame {span.first} and end on frame {span.last}.")
    if span.first >= labels.frame_count:
        raise Refusal(f"Frame {span.first} is outside the medium, which has {labels.frame_count} frames so far.")
    if not labels.complete and span.last >= labels.frame_count - 1:
        raise Refusal("The frames of this medium are still being counted; try again shortly.")
