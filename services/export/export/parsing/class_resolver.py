"""Resolves the classes of imported objects: missions, categories, types and attributes by id or name, added if
missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.contract.edits import Create
from common.contract.errors import Problem, Reason, reason_for
from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.contract.palette import color_of
from common.service.ids import stable_id
from export.parsing.imported_object import ImportedObject
from export.parsing.lookup import find, find_named, put

# The deepest nesting of categories.
_DEEPEST = 32
_KEPT = {"group", "z_order", "done", "source", "run_id", "model", "score"}


class ClassResolver:
    """The missions of a project, and what an import adds to them; `added` lists the additions by name."""

    def __init__(self, project_id: str, missions: Sequence[Mission], asked: str | None) -> None:
        self._project_id = project_id
        self._missions = {mission.id: mission for mission in missions}
        self._declared: dict[str, Mission] = {}
        self._changed: dict[str, None] = {}
        self._seen: Counter[str] = Counter()
        self._inferred: set[tuple[str, str, str]] = set()
        self.added: list[str] = []
        self._asked = find(missions, asked, asked) if asked else None
        if asked and self._asked is None:
            raise Problem("import_mission_unknown", mission=asked)

    @property
    def changed(self) -> list[Mission]:
        """The missions that have to be saved."""
        return [self._missions[mission_id] for mission_id in self._changed]

    def mark_saved(self, mission: Mission) -> None:
        """Replace a mission with its saved state."""
        self._missions[mission.id] = mission
        self._changed.pop(mission.id, None)

    def declare(self, mission: Mission) -> None:
        """Record a mission that the archive declares."""
        self._declared.setdefault(mission.name, mission)

    # ---- additions ----

    def ensure(self, found: ImportedObject) -> None:
        """Add the mission, category, type, attributes and behaviors that the object needs and the project lacks."""
        mission = self._mission(found) or self._added_mission(found)
        described = self._description(found, mission)
        category = find(mission.categories, found.ids.category, found.category)
        if category is None:
            category = self._added_category(mission, described, found.category)
            mission = self._missions[mission.id]
        whole = find_named(described.categories if described else (), found.category)
        changed = self._with_type(self._with_attributes(category, whole, found, mission), whole, found, mission)
        behaviors = self._behaviors(mission, described, found)
        if changed is not category or category not in mission.categories or behaviors is not mission.behaviors:
            self._put(
                mission.model_copy(update={"categories": put(mission.categories, changed), "behaviors": behaviors})
            )

    def missing_for(self, found: ImportedObject) -> Reason | None:
        """The reason why the object cannot be created without additions; None if it can."""
        trial = ClassResolver(self._project_id, list(self._missions.values()), None)
        trial._asked, trial._declared = self._asked, self._declared
        trial.ensure(found)
        if not trial.changed:
            return None
        if trial.added:
            return reason_for("project_lacks_class", name=trial.added[0])
        return reason_for("project_lacks_value")

    def _added_category(self, mission: Mission, described: Mission | None, name: str) -> Category:
        """A category without types and attributes, after its missing parents."""
        lacking = _lacking(mission.categories, described.categories if described else (), name)
        above = find(mission.categories, lacking[-1].parent, lacking[-1].parent)
        parent, categories = above.id if above else None, mission.categories
        for category in reversed(lacking):
            made = category.model_copy(update={"types": [], "attributes": [], "parent": parent})
            self.added.append(f"{mission.name}: {made.name}")
            parent, categories = made.id, put(categories, made)
        self._put(mission.model_copy(update={"categories": categories}))
        return made

    def _description(self, found: ImportedObject, mission: Mission) -> Mission | None:
        """The declaration of the object's classes: of the mission it names, or of the only declared mission."""
        if found.mission is None and len(self._declared) == 1:
            return next(iter(self._declared.values()))
        return self._declared.get(found.mission or mission.name)

    def _put(self, mission: Mission) -> None:
        self._missions[mission.id] = mission
        self._changed[mission.id] = None

    def _added_mission(self, found: ImportedObject) -> Mission:
        name = found.mission or "Imported"
        described = self._declared.get(name)
        kinds = described.annotation_types if described else [found.kind]
        mission = Mission(id=stable_id("mission", self._project_id, name), name=name, annotation_types=kinds)
        self.added.append(name)
        self._put(mission)
        return mission

    def _with_type(
        self, category: Category, whole: Category | None, found: ImportedObject, mission: Mission
    ) -> Category:
        if found.type is None or find(category.types, found.ids.type, found.type):
            return category
        made = find_named(whole.types if whole else (), found.type) or Type(name=found.type)
        self.added.append(f"{mission.name}: {category.name} – {made.name}")
        return category.model_copy(update={"types": [*category.types, made]})

    def _with_attributes(
        self, category: Category, whole: Category | None, found: ImportedObject, mission: Mission
    ) -> Category:
        """The category with all attributes and values of the object, except those of its type."""
        own = find(category.types, found.ids.type, found.type or "") if found.type else None
        of_type = find_named(whole.types, found.type) if whole and found.type else None
        elsewhere = [*(own.attributes if own else ()), *(of_type.attributes if of_type and not own else ())]
        attributes = category.attributes
        for name, value, moving in _attribute_values(found):
            if find(elsewhere, found.ids.attributes.get(name), name):
                continue
            there = find(attributes, found.ids.attributes.get(name), name)
            key = mission.id, category.id, name
            wanted = _attribute(there, find_named(whole.attributes if whole else (), name), name, value)
            if there is None:
                self.added.append(f"{mission.name}: {category.name} · {name}")
                if not whole or wanted not in whole.attributes:
                    self._inferred.add(key)
            if moving and key in self._inferred and not wanted.mutable:
                wanted = wanted.model_copy(update={"mutable": True})
            attributes = attributes if wanted is there else put(attributes, wanted)
        return category if attributes is category.attributes else category.model_copy(update={"attributes": attributes})

    def _behaviors(self, mission: Mission, described: Mission | None, found: ImportedObject) -> list[BehaviorType]:
        behaviors = mission.behaviors
        for shown in found.behaviors:
            there = find(behaviors, found.ids.behaviors.get(shown.name), shown.name)
            wanted = there or find_named(described.behaviors if described else (), shown.name)
            wanted = wanted or BehaviorType(name=shown.name)
            if shown.attribute is not None and shown.attribute not in wanted.attributes:
                wanted = wanted.model_copy(update={"attributes": [*wanted.attributes, shown.attribute]})
            if wanted is not there:
                self.added.append(f"{mission.name}: {shown.name}")
                behaviors = put(behaviors, wanted)
        return behaviors

    # ---- edits ----

    def _mission(self, found: ImportedObject) -> Mission | None:
        """The requested mission, else the one that the archive names, else the first with the category."""
        if self._asked is not None:
            return self._missions[self._asked.id]
        known = list(self._missions.values())
        if found.mission is not None:
            return find(known, found.ids.mission, found.mission)
        having = (mission for mission in known if find(mission.categories, None, found.category))
        return next(having, known[0] if known else None)

    def create_edit(self, found: ImportedObject) -> Create:
        """The edit that creates the object. Its ids derive from the project, the medium and the object's content, so
        that the same object is created once; identical objects are numbered.

        Raises:
            ValueError: the data does not follow the format.
        """
        mission = self._mission(found)
        category = find(mission.categories, found.ids.category, found.category) if mission else None
        kind = find(category.types, found.ids.type, found.type) if category and found.type else None
        place = mission.id if mission else found.mission or "?"
        class_id = category.id if category else found.category
        digest = self._digest(found, place)
        self._seen[digest] += 1
        object_id = stable_id("import", digest, self._seen[digest])
        if found.kind == "label":
            object_id = stable_id("label", found.media_id, place, class_id)
        about = {"id": stable_id("import edit", object_id, digest), "object": object_id, "base_revision": 0}
        where = {"mission": place, "category": class_id, "type": kind.id if kind else found.type}
        known = [*(category.attributes if category else ()), *(kind.attributes if kind else ())]
        attributes = {
            "attributes": _by_id(found.attributes, known, found.ids.attributes),
            **_with_ids(found, known, mission),
        }
        return Create.model_validate({**found.model_dump(include=_KEPT), **about, **where, **attributes})

    def _digest(self, found: ImportedObject, place: str) -> str:
        fields = found.model_dump_json(exclude={"where", "uid", "media_id"})
        return stable_id("imported", self._project_id, found.media_id, place, fields)


def _with_ids(found: ImportedObject, known: Sequence[Attribute], mission: Mission | None) -> dict[str, Any]:
    """Keyframes and behaviors with ids instead of names."""
    ids = found.ids
    keyframes = [
        key.model_copy(update={"attributes": _by_id(key.attributes, known, ids.attributes)}) if key.attributes else key
        for key in found.keyframes
    ]
    types = mission.behaviors if mission else []
    behaviors = [
        shown.model_copy(update={"name": _id_of(shown.name, types, ids.behaviors)}) for shown in found.behaviors
    ]
    return {"keyframes": keyframes, "behaviors": behaviors}


def _lacking(there: Sequence[Category], described: Sequence[Category], name: str) -> list[Category]:
    """A missing category, its parent if that is missing too, and so on."""
    found: list[Category] = []
    wanted: str | None = name
    while (
        wanted is not None
        and len(found) < _DEEPEST
        and wanted not in {known for category in found for known in (category.id, category.name)}
    ):
        found.append(find_named(described, wanted) or Category(name=wanted, color=color_of(wanted)))
        wanted = found[-1].parent
        if wanted is not None and find(there, wanted, wanted):
            break
    return found


def _attribute_values(found: ImportedObject) -> Iterable[tuple[str, Any, bool]]:
    """The attributes of an object with their values, and whether the value varies between frames."""
    yield from ((name, value, False) for name, value in found.attributes.items())
    for keyframe in found.keyframes:
        yield from ((name, value, True) for name, value in keyframe.attributes.items())


def _attribute(there: Attribute | None, described: Attribute | None, name: str, value: Any) -> Attribute:
    """The attribute, extended by the value if it is a selection."""
    kind = "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    wanted = there or described or Attribute.model_validate({"name": name, "kind": kind})
    if wanted.kind == "select" and isinstance(value, str) and value not in wanted.values:
        return wanted.model_copy(update={"values": [*wanted.values, value]})
    return wanted


def _by_id(attributes: Mapping[str, Any], known: Sequence[Attribute], ids: Mapping[str, str]) -> dict[str, Any]:
    return {_id_of(name, known, ids): value for name, value in attributes.items()}


def _id_of(name: str, known: Iterable[Attribute | BehaviorType], ids: Mapping[str, str]) -> str:
    listed: list[Any] = list(known)
    found = find(listed, ids.get(name), name)
    return str(found.id) if found else name
