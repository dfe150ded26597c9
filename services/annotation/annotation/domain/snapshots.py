"""Snapshots of objects when a batch is decided, and the changes that the decision makes."""

from dataclasses import dataclass, field

from annotation.domain.sizes import MAX_OBJECT_BYTES, head_size, keyframe_size, size_of
from annotation.domain.tracks import Span, extent, position_of, visible_spans
from common.contract.edits import Edit, EditResult, PutKeyframe
from common.contract.labels import Keyframe, ObjectState


@dataclass(frozen=True, slots=True)
class ObjectSnapshot:
    """An object at its current revision: its visible spans, whether a person ever changed it, and the time of its last
    change. `size_bytes` is an upper bound of the size of its JSON; 0 if not measured."""

    state: ObjectState
    spans: tuple[Span, ...]
    by_person: bool
    at: float
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class PriorChange:
    """A change made before the batch: its edit and the fields it set (`Change.touches`)."""

    edit_id: str
    touches: frozenset[str]


@dataclass(frozen=True, slots=True)
class AppliedEdit:
    """An edit that was applied before, possibly a derived one, and the resulting object."""

    verb: str
    object: ObjectState


@dataclass(slots=True)
class BatchSnapshot:
    """The stored data needed to decide a batch.

    `objects`: the existing ones of `involved(batch)`, including deleted ones. `foreign_ids`: ids among them that belong
    to other media. `applied`: by edit id, of `edit_ids(batch)`. `changes`: by object and revision, all that are newer
    than the revision in `bases(batch)`. `states`: by object and revision, of `referenced_states(batch)`.
    """

    objects: dict[str, ObjectSnapshot] = field(default_factory=dict)
    foreign_ids: frozenset[str] = frozenset()
    applied: dict[str, AppliedEdit] = field(default_factory=dict)
    changes: dict[tuple[str, int], PriorChange] = field(default_factory=dict)
    states: dict[tuple[str, int], ObjectState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """The next revision of one object: its edit (`edit.object` is the id of the object), the object before (None for a
    new one) and after, and the fields it set, which are compared with later stale edits."""

    edit: Edit
    before: ObjectSnapshot | None
    after: ObjectSnapshot
    touches: frozenset[str]

    @property
    def touched(self) -> Span | None:
        """The frames whose clips must be counted again, because the visibility of the object changes or a person
        changed it for the first time; None if neither."""
        before = _counted(self.before)
        after = _counted(self.after)
        if before == after:
            return None
        extents = [extent(version.state.keyframes) for version in (self.before, self.after) if version is not None]
        return Span(min(span.first for span in extents), max(span.last for span in extents))


def _counted(current: ObjectSnapshot | None) -> tuple[tuple[Span, ...], bool]:
    if current is None or current.state.deleted:
        return (), False
    return current.spans, current.by_person


def successor(
    edit: Edit, before: ObjectSnapshot | None, after: ObjectState, *, by_person: bool, now: float
) -> ObjectSnapshot:
    """The snapshot after an edit. Values that a single keyframe does not affect are not computed again."""
    by_person = by_person or (before is not None and before.by_person)
    if before is None:
        return ObjectSnapshot(after, visible_spans(after.keyframes), by_person, now, size_of(after))
    # Clocks of replicas differ; times of an object's changes never decrease.
    at = max(now, before.at)
    size_bytes = _size_after(edit, before, after)
    if isinstance(edit, PutKeyframe):
        return ObjectSnapshot(after, _spans_with(edit.keyframe, before, after), by_person, at, size_bytes)
    spans = before.spans if after.keyframes is before.state.keyframes else visible_spans(after.keyframes)
    return ObjectSnapshot(after, spans, by_person, at, size_bytes)


def _size_after(edit: Edit, before: ObjectSnapshot, after: ObjectState) -> int:
    size_bytes = before.size_bytes or size_of(before.state)
    if isinstance(edit, PutKeyframe):
        at, _ = position_of(after.keyframes, edit.keyframe.frame)
        size_bytes += keyframe_size(after.keyframes[at])
    elif after.keyframes is before.state.keyframes:
        size_bytes += max(0, head_size(after) - head_size(before.state))
    else:
        return size_of(after)
    # The size of a replaced keyframe is not subtracted; near the limit, the object is measured again.
    return size_bytes if size_bytes <= MAX_OBJECT_BYTES else size_of(after)


def _spans_with(keyframe: Keyframe, before: ObjectSnapshot, after: ObjectState) -> tuple[Span, ...]:
    if not keyframe.outside and any(span.first <= keyframe.frame <= span.last for span in before.spans):
        return before.spans
    return visible_spans(after.keyframes)


@dataclass(frozen=True, slots=True)
class Decision:
    """The result of each edit, in order, and the changes to store; an edit of several objects has several.
    `unknown_name`: an edit was refused because a name is not in the ontology."""

    results: list[EditResult]
    changes: list[Change]
    unknown_name: bool = False
