"""The names that a project's labels may have, and the ids behind them: an edit may use either, objects hold ids."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from annotation.domain.errors import Refusal
from annotation.domain.names import Words, check_value, fits
from annotation.domain.tracks import attribute_names
from common.contract.edits import (
    Create,
    Edit,
    PutBehavior,
    PutGenerated,
    PutKeyframe,
    SetAttributes,
    SetCategory,
    Value,
)
from common.contract.labels import Attributes, Behavior, Keyframe, ObjectState
from common.contract.missions import Attribute, Category, Mission
from common.geometry.types import Skeleton


class Kind:
    """A category and what objects of it may have."""

    def __init__(self, category: Category) -> None:
        self.id = category.id
        self.name = category.name
        self.joints = frozenset(category.joints.names) if category.joints else None
        self.types = Words(category.types)
        self._own = Words(category.attributes)
        self._of_types = {one.id: Words([*category.attributes, *one.attributes]) for one in category.types}

    def attributes(self, type_id: str | None) -> Words[Attribute]:
        """Its attributes, with those of one of its types."""
        return self._own if type_id is None else self._of_types.get(type_id, self._own)


class _MissionWords:
    def __init__(self, mission: Mission) -> None:
        self.id = mission.id
        self.name = mission.name
        self.categories = Words([Kind(category) for category in mission.categories])
        self.behaviors = Words(mission.behaviors)


class Ontology:
    """A project's missions, for looking up."""

    def __init__(self, missions: Iterable[Mission]) -> None:
        self._missions = Words([_MissionWords(mission) for mission in missions])
        self._settle: Mapping[type[Any], Callable[[Any, ObjectState], Edit]] = {
            PutKeyframe: self._put,
            PutGenerated: self._generated,
            SetCategory: self._category,
            SetAttributes: self._attributes,
            PutBehavior: self._put_behavior,
        }

    @classmethod
    def of(cls, missions: Iterable[Mission]) -> "Ontology":
        """From the missions of a project."""
        return cls(missions)

    def attributes(self, mission: str, category: str, type_id: str | None) -> Mapping[str, Attribute]:
        """The attributes, by id and name, that objects of a category and type may have; none where these are gone."""
        kind = self._kind(mission, category)
        return kind.attributes(type_id) if kind else {}

    def ids(self, mission: str, category: str) -> tuple[str, str]:
        """The ids of a mission and a category in it, each given by id or name.

        Raises:
            UnknownName: there is none.
        """
        found, kind, _ = self._place(mission, category, None)
        return found, kind.id

    def settled(self, edit: Edit, before: ObjectState | None) -> Edit:
        """The edit with ids where it has names, and with every value where it belongs. What its object has already may
        stay, whatever became of the mission since.

        Raises:
            Refusal: it names something that is not there, or gives an attribute a value that it cannot have.
        """
        if isinstance(edit, Create):
            return self._creation(edit)
        settle = self._settle.get(type(edit))
        return edit if before is None or settle is None else settle(edit, before)

    def _kind(self, mission: str, category: str) -> Kind | None:
        words = self._missions.get(mission)
        return words.categories.get(category) if words else None

    def _place(self, mission: str, category: str, type_word: str | None) -> tuple[str, Kind, str | None]:
        words = self._missions.find(mission, "mission")
        kind = words.categories.find(category, f"category in {words.name}")
        return words.id, kind, kind.types.find(type_word, f"type of {kind.name}").id if type_word is not None else None

    def _creation(self, edit: Create) -> Create:
        mission, kind, type_id = self._place(edit.mission, edit.category, edit.type)
        attributes = kind.attributes(type_id)
        given = {
            attributes.find(name, f"attribute of {kind.name}").id: value for name, value in edit.attributes.items()
        }
        for name, value in given.items():
            check_value(attributes[name], value)
        moving = {name: value for name, value in given.items() if attributes[name].mutable}
        keyframes = [_settled(keyframe, kind, attributes, ()) for keyframe in edit.keyframes]
        return edit.model_copy(
            update={
                "mission": mission,
                "category": kind.id,
                "type": type_id,
                "attributes": {name: value for name, value in given.items() if name not in moving},
                "keyframes": _beginning_with(moving, keyframes) if moving else keyframes,
                "behaviors": [self._behavior(behavior, mission) for behavior in edit.behaviors],
            }
        )

    def _put(self, edit: PutKeyframe, before: ObjectState) -> PutKeyframe:
        keyframe = self._keyframe(edit.keyframe, before)
        return edit if keyframe is edit.keyframe else edit.model_copy(update={"keyframe": keyframe})

    def _generated(self, edit: PutGenerated, before: ObjectState) -> PutGenerated:
        return edit.model_copy(update={"keyframes": [self._keyframe(one, before) for one in edit.keyframes]})

    def _keyframe(self, keyframe: Keyframe, before: ObjectState) -> Keyframe:
        if not keyframe.attributes and before.annotation_type != "skeleton":
            return keyframe
        kind = self._kind(before.mission, before.category)
        attributes: Words[Attribute] = kind.attributes(before.type) if kind else Words(())
        return _settled(keyframe, kind, attributes, before.keyframes)

    def _category(self, edit: SetCategory, before: ObjectState) -> SetCategory:
        mission, kind, type_id = self._place(edit.mission or before.mission, edit.category, edit.type)
        if before.annotation_type == "skeleton":
            for keyframe in before.keyframes:
                _check_joints(keyframe, kind)
        return edit.model_copy(update={"mission": mission, "category": kind.id, "type": type_id})

    def _attributes(self, edit: SetAttributes, before: ObjectState) -> SetAttributes:
        """None takes an attribute away, also one that nobody knows any more."""
        kind = self._kind(before.mission, before.category)
        known: Words[Attribute] = kind.attributes(before.type) if kind else Words(())
        has = attribute_names(before)
        settled: dict[str, Value | None] = {}
        for name, value in edit.attributes.items():
            if value is None and name in has:
                settled[name] = None
                continue
            attribute = known.find(name, f"attribute of {kind.name if kind else before.category}")
            if value is not None:
                check_value(attribute, value)
            settled[attribute.id] = value
        return edit.model_copy(update={"attributes": settled})

    def _put_behavior(self, edit: PutBehavior, before: ObjectState) -> PutBehavior:
        return edit.model_copy(update={"behavior": self._behavior(edit.behavior, before.mission)})

    def _behavior(self, behavior: Behavior, mission: str) -> Behavior:
        words = self._missions.find(mission, "mission")
        kind = words.behaviors.find(behavior.name, f"behaviour in {words.name}")
        if behavior.attribute is not None and behavior.attribute not in kind.attributes:
            ways = ", ".join(kind.attributes) or "none"
            raise Refusal(f"{kind.name} has no way {behavior.attribute!r}; it has: {ways}.")
        return behavior.model_copy(update={"name": kind.id})


def _settled(keyframe: Keyframe, kind: Kind | None, known: Words[Attribute], present: Sequence[Keyframe]) -> Keyframe:
    """A keyframe with attributes by id; what the keyframes `present` say may be said again."""
    _check_joints(keyframe, kind)
    if not keyframe.attributes:
        return keyframe
    settled = dict(_settled_value(name, value, kind, known, present) for name, value in keyframe.attributes.items())
    return keyframe.model_copy(update={"attributes": settled})


def _settled_value(
    name: str, value: Value, kind: Kind | None, known: Words[Attribute], present: Sequence[Keyframe]
) -> tuple[str, Value]:
    attribute = known.get(name)
    if attribute is not None and attribute.mutable and fits(attribute, value):
        return attribute.id, value
    if any(name in one.attributes and one.attributes[name] == value for one in present):
        return name, value
    attribute = known.find(name, f"attribute of {kind.name if kind else 'this category'}")
    check_value(attribute, value)
    raise Refusal(f"{attribute.name} belongs to the whole object; it is the same on all frames.")


def _check_joints(keyframe: Keyframe, kind: Kind | None) -> None:
    if kind is None or kind.joints is None or not isinstance(keyframe.geometry, Skeleton):
        return
    for point in keyframe.geometry.keypoints:
        if point.name not in kind.joints:
            raise Refusal(f"A {kind.name} has no point {point.name!r}; it has: {', '.join(sorted(kind.joints)[:20])}.")


def _beginning_with(attributes: Attributes, keyframes: list[Keyframe]) -> list[Keyframe]:
    """The keyframes with mutable attributes on the first one, unless it says something else of them."""
    first = min(range(len(keyframes)), key=lambda at: keyframes[at].frame)
    said = {"attributes": {**attributes, **keyframes[first].attributes}}
    return [one.model_copy(update=said) if at == first else one for at, one in enumerate(keyframes)]
