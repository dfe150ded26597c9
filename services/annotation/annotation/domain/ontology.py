"""The ontology of a project: names and ids of its missions. Edits may use either, objects store ids."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from annotation.domain.errors import EditRefused
from annotation.domain.names import NameIndex, accepts_value, check_value, list_names
from annotation.domain.tracks import attribute_names
from common.contract import edits
from common.contract.labels import Attributes, Behavior, Keyframe, ObjectState
from common.contract.missions import Attribute, Category, Mission
from common.geometry.types import Skeleton


class CategorySchema:
    """A category, its types and the attributes of its objects."""

    def __init__(self, category: Category) -> None:
        self.id = category.id
        self.name = category.name
        self.keypoints = frozenset(category.joints.names) if category.joints else None
        self.types = NameIndex(category.types)
        self._own = NameIndex(category.attributes)
        self._of_types = {
            sub_type.id: NameIndex([*category.attributes, *sub_type.attributes]) for sub_type in category.types
        }

    def attributes(self, type_id: str | None) -> NameIndex[Attribute]:
        """The attributes of the category and of one of its types."""
        return self._own if type_id is None else self._of_types.get(type_id, self._own)


class _MissionIndex:
    def __init__(self, mission: Mission) -> None:
        self.id = mission.id
        self.name = mission.name
        self.categories = NameIndex([CategorySchema(category) for category in mission.categories])
        self.behaviors = NameIndex(mission.behaviors)


class Ontology:
    """The missions of a project, indexed by name."""

    def __init__(self, missions: Iterable[Mission]) -> None:
        self._missions = NameIndex([_MissionIndex(mission) for mission in missions])
        self._normalizers: Mapping[type[Any], Callable[[Any, ObjectState], edits.Edit]] = {
            edits.PutKeyframe: self._put,
            edits.PutGenerated: self._generated,
            edits.SetCategory: self._category,
            edits.SetAttributes: self._attributes,
            edits.PutBehavior: self._put_behavior,
        }

    def attributes(self, mission: str, category: str, type_id: str | None) -> Mapping[str, Attribute]:
        """The attributes of a category and type by id and name; none if the class was removed."""
        schema = self._schema(mission, category)
        return schema.attributes(type_id) if schema else {}

    def ids(self, mission: str, category: str) -> tuple[str, str]:
        """The ids of a mission and a category in it, each given by id or name.

        Raises:
            UnknownName: The mission or category does not exist.
        """
        mission_id, schema, _ = self._locate(mission, category, None)
        return mission_id, schema.id

    def normalized(self, edit: edits.Edit, before: ObjectState | None) -> edits.Edit:
        """The edit with ids instead of names, and with attributes on the object or its keyframes as the mission
        defines. Existing values of the object are accepted even if the mission has changed.

        Raises:
            EditRefused: A name does not exist, or an attribute cannot have the value.
        """
        if isinstance(edit, edits.Create):
            return self._creation(edit)
        normalize = self._normalizers.get(type(edit))
        return edit if before is None or normalize is None else normalize(edit, before)

    def _schema(self, mission: str, category: str) -> CategorySchema | None:
        index = self._missions.get(mission)
        return index.categories.get(category) if index else None

    def _locate(self, mission: str, category: str, sub_type: str | None) -> tuple[str, CategorySchema, str | None]:
        index = self._missions.find(mission, "unknown_mission")
        schema = index.categories.find(category, "unknown_category", mission=index.name)
        if sub_type is None:
            return index.id, schema, None
        return index.id, schema, schema.types.find(sub_type, "unknown_type", category=schema.name).id

    def _creation(self, edit: edits.Create) -> edits.Create:
        mission, schema, type_id = self._locate(edit.mission, edit.category, edit.type)
        attributes = schema.attributes(type_id)
        values = {
            attributes.find(name, "unknown_attribute", category=schema.name).id: value
            for name, value in edit.attributes.items()
        }
        for name, value in values.items():
            check_value(attributes[name], value)
        mutable = {name: value for name, value in values.items() if attributes[name].mutable}
        keyframes = [_normalized(keyframe, schema, attributes, ()) for keyframe in edit.keyframes]
        return edit.model_copy(
            update={
                "mission": mission,
                "category": schema.id,
                "type": type_id,
                "attributes": {name: value for name, value in values.items() if name not in mutable},
                "keyframes": _beginning_with(mutable, keyframes) if mutable else keyframes,
                "behaviors": [self._behavior(behavior, mission) for behavior in edit.behaviors],
            }
        )

    def _put(self, edit: edits.PutKeyframe, before: ObjectState) -> edits.PutKeyframe:
        keyframe = self._keyframe(edit.keyframe, before)
        return edit if keyframe is edit.keyframe else edit.model_copy(update={"keyframe": keyframe})

    def _generated(self, edit: edits.PutGenerated, before: ObjectState) -> edits.PutGenerated:
        return edit.model_copy(update={"keyframes": [self._keyframe(keyframe, before) for keyframe in edit.keyframes]})

    def _keyframe(self, keyframe: Keyframe, before: ObjectState) -> Keyframe:
        if not keyframe.attributes and before.annotation_type != "skeleton":
            return keyframe
        schema = self._schema(before.mission, before.category)
        attributes: NameIndex[Attribute] = schema.attributes(before.type) if schema else NameIndex(())
        return _normalized(keyframe, schema, attributes, before.keyframes)

    def _category(self, edit: edits.SetCategory, before: ObjectState) -> edits.SetCategory:
        mission, schema, type_id = self._locate(edit.mission or before.mission, edit.category, edit.type)
        if before.annotation_type == "skeleton":
            for keyframe in before.keyframes:
                _check_keypoints(keyframe, schema)
        return edit.model_copy(update={"mission": mission, "category": schema.id, "type": type_id})

    def _attributes(self, edit: edits.SetAttributes, before: ObjectState) -> edits.SetAttributes:
        """None removes an attribute, even if it no longer exists in the mission."""
        schema = self._schema(before.mission, before.category)
        known: NameIndex[Attribute] = schema.attributes(before.type) if schema else NameIndex(())
        present = attribute_names(before)
        normalized: dict[str, edits.Value | None] = {}
        for name, value in edit.attributes.items():
            if value is None and name in present:
                normalized[name] = None
                continue
            attribute = known.find(name, "unknown_attribute", category=schema.name if schema else before.category)
            if value is not None:
                check_value(attribute, value)
            normalized[attribute.id] = value
        return edit.model_copy(update={"attributes": normalized})

    def _put_behavior(self, edit: edits.PutBehavior, before: ObjectState) -> edits.PutBehavior:
        return edit.model_copy(update={"behavior": self._behavior(edit.behavior, before.mission)})

    def _behavior(self, behavior: Behavior, mission: str) -> Behavior:
        index = self._missions.find(mission, "unknown_mission")
        schema = index.behaviors.find(behavior.name, "unknown_behavior", mission=index.name)
        if behavior.attribute is not None and behavior.attribute not in schema.attributes:
            raise EditRefused(
                "unknown_behavior_attribute",
                behavior=schema.name,
                name=behavior.attribute,
                known=list_names(schema.attributes),
            )
        return behavior.model_copy(update={"name": schema.id})


def _normalized(
    keyframe: Keyframe, schema: CategorySchema | None, known: NameIndex[Attribute], present: Sequence[Keyframe]
) -> Keyframe:
    """The keyframe with attributes by id; values of the keyframes `present` are accepted again."""
    _check_keypoints(keyframe, schema)
    if not keyframe.attributes:
        return keyframe
    normalized = dict(
        _normalized_value(name, value, schema, known, present) for name, value in keyframe.attributes.items()
    )
    return keyframe.model_copy(update={"attributes": normalized})


def _normalized_value(
    name: str,
    value: edits.Value,
    schema: CategorySchema | None,
    known: NameIndex[Attribute],
    present: Sequence[Keyframe],
) -> tuple[str, edits.Value]:
    attribute = known.get(name)
    if attribute is not None and attribute.mutable and accepts_value(attribute, value):
        return attribute.id, value
    if any(name in keyframe.attributes and keyframe.attributes[name] == value for keyframe in present):
        return name, value
    attribute = known.find(name, "unknown_attribute", category=schema.name if schema else "–")
    check_value(attribute, value)
    raise EditRefused("attribute_not_mutable", attribute=attribute.name)


def _check_keypoints(keyframe: Keyframe, schema: CategorySchema | None) -> None:
    if schema is None or schema.keypoints is None or not isinstance(keyframe.geometry, Skeleton):
        return
    for point in keyframe.geometry.keypoints:
        if point.name not in schema.keypoints:
            known = list_names(sorted(schema.keypoints))
            raise EditRefused("unknown_keypoint", category=schema.name, name=point.name, known=known)


def _beginning_with(attributes: Attributes, keyframes: list[Keyframe]) -> list[Keyframe]:
    """The keyframes with mutable attributes on the first one, unless it sets them."""
    first = min(range(len(keyframes)), key=lambda at: keyframes[at].frame)
    fields = {"attributes": {**attributes, **keyframes[first].attributes}}
    return [keyframe.model_copy(update=fields) if at == first else keyframe for at, keyframe in enumerate(keyframes)]
