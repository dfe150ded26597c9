"""What is known of objects when a batch of edits is decided, and what comes of it."""

from dataclasses import dataclass, field

from annotation.domain.sizes import LARGEST_BYTES, head_size, keyframe_size, size_of
from annotation.domain.tracks import Span, place, reach, visible_spans
from common.contract.edits import Edit, EditResult, PutKeyframe
from common.contract.labels import Keyframe, ObjectState


@dataclass(frozen=True, slots=True)
class Current:
    """An object as it is now, where it is visible, whether a person ever changed it, and when it last changed.

    `size_bytes` is how long its state is as JSON, or more than that; 0 if nobody measured.
    """

    state: ObjectState
    spans: tuple[Span, ...]
    by_person: bool
    at: float
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Earlier:
    """A change that was applied before this batch: by which edit, and the fields that it set (`Change.touches`)."""

    edit_id: str
    touches: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answered:
    """An edit that was applied before (a person's, or one derived from it), with the object as it left it."""

    verb: str
    object: ObjectState


@dataclass(slots=True)
class Known:
    """What the store knows of the objects that a batch concerns.

    `objects`: those of `involved(batch)` that are there, deleted or not. `taken`: ids of them that belong to other
    media. `answered`: by edit id, of `edit_ids(batch)`. `changes`: by object and revision, of all that is newer than
    the object's revision in `bases(batch)`. `states`: by object and revision, of `wanted(batch)`.
    """

    objects: dict[str, Current] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    answered: dict[str, Answered] = field(default_factory=dict)
    changes: dict[tuple[str, int], Earlier] = field(default_factory=dict)
    states: dict[tuple[str, int], ObjectState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One object's next revision: the edit that made it (of this object: `edit.object` is its id), the object before
    (None for a new one) and after it, and the fields it set, by which later stale edits are judged."""

    edit: Edit
    before: Current | None
    after: Current
    touches: frozenset[str]

    @property
    def touched(self) -> Span | None:
        """The frames whose clips may count differently now, because the object appears or disappears on them or a
        person had a hand in it for the first time; None where nothing of that changed."""
        before = _seen(self.before)
        after = _seen(self.after)
        if before == after:
            return None
        reaches = [reach(one.state.keyframes) for one in (self.before, self.after) if one is not None]
        return Span(min(span.first for span in reaches), max(span.last for span in reaches))


def _seen(current: Current | None) -> tuple[tuple[Span, ...], bool]:
    if current is None or current.state.deleted:
        return (), False
    return current.spans, current.by_person


def successor(edit: Edit, before: Current | None, after: ObjectState, *, by_person: bool, now: float) -> Current:
    """An object after an edit. What a single keyframe leaves as it was is not computed again."""
    by_person = by_person or (before is not None and before.by_person)
    if before is None:
        return Current(after, visible_spans(after.keyframes), by_person, now, size_of(after))
    # Clocks of replicas differ; the changes of one object never go back in time.
    at = max(now, before.at)
    size_bytes = _size_after(edit, before, after)
    if isinstance(edit, PutKeyframe):
        return Current(after, _spans_with(edit.keyframe, before, after), by_person, at, size_bytes)
    spans = before.spans if after.keyframes is before.state.keyframes else visible_spans(after.keyframes)
    return Current(after, spans, by_person, at, size_bytes)


def _size_after(edit: Edit, before: Current, after: ObjectState) -> int:
    size_bytes = before.size_bytes or size_of(before.state)
    if isinstance(edit, PutKeyframe):
        at, _ = place(after.keyframes, edit.keyframe.frame)
        size_bytes += keyframe_size(after.keyframes[at])
    elif after.keyframes is before.state.keyframes:
        size_bytes += max(0, head_size(after) - head_size(before.state))
    else:
        return size_of(after)
    # What was replaced is still counted; where that matters, all is measured anew.
    return size_bytes if size_bytes <= LARGEST_BYTES else size_of(after)


def _spans_with(keyframe: Keyframe, before: Current, after: ObjectState) -> tuple[Span, ...]:
    if not keyframe.outside and any(span.first <= keyframe.frame <= span.last for span in before.spans):
        return before.spans
    return visible_spans(after.keyframes)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of each edit, in order, and the changes to store: in the order they were made, several of one edit
    where it concerns several objects. `unknown_name`: an edit was refused for a name that the ontology lacks."""

    results: list[EditResult]
    changes: list[Change]
    unknown_name: bool = False
