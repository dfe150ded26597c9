"""The label definitions of MATLAB ground truth, as a mission."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.contract.missions import Attribute, Category, Mission, Type
from common.contract.palette import color_of
from common.service.ids import stable_id

MISSION = "MATLAB ground truth"
_RESERVED = {"type", "description", "labelcolor", "name", "group", "position", "pixellabelid"}
# The group names of labels without a group.
_NO_GROUP = {"", "none"}


@dataclass(frozen=True, slots=True)
class Definition:
    """A label definition: the `type` of its shapes and of its sublabels, empty if not declared."""

    type: str
    sublabels: Mapping[str, str]
    category: Category


def definitions(value: Any) -> dict[str, Definition]:
    """The labels by name; malformed definitions are skipped."""
    rows = _rows(value)
    return {str(row["Name"]): _definition(row) for row in rows if isinstance(row, Mapping) and row.get("Name")}


def mission(defined: Mapping[str, Definition]) -> Mission:
    """All labels and their groups as categories.

    Raises:
        ValueError: the data does not follow the format.
    """
    categories = {category.category.name: category.category for category in defined.values()}
    for category in list(categories.values()):
        if category.parent is not None and category.parent not in categories:
            categories[category.parent] = Category(name=category.parent, color=color_of(category.parent))
    return Mission(id=stable_id("mission", MISSION), name=MISSION, categories=list(categories.values()))


def _rows(value: Any) -> list[Any]:
    """The rows of a table: a list, a single row, or columns."""
    if not isinstance(value, Mapping):
        return value if isinstance(value, list) else []
    if not isinstance(names := value.get("Name"), list):
        return [value]
    columns = {name: column for name, column in value.items() if isinstance(column, list)}
    return [
        {name: column[number] for name, column in columns.items() if number < len(column)}
        for number in range(len(names))
    ]


def _definition(row: Mapping[str, Any]) -> Definition:
    name, group, hierarchy = str(row["Name"]), row.get("Group"), row.get("Hierarchy")
    hierarchy = hierarchy if isinstance(hierarchy, Mapping) else {}
    parts = {part: fields for part, fields in hierarchy.items() if part and part.lower() not in _RESERVED}
    sublabels = {part: str(fields.get("Type", "")) for part, fields in parts.items() if _is_sublabel(fields)}
    types = [*sublabels, *_values(hierarchy.get("Type"))]
    category = Category(
        name=name[:200],
        color=_color(row.get("LabelColor")) or color_of(name),
        parent=group[:200] if isinstance(group, str) and group.lower() not in {*_NO_GROUP, name.lower()} else None,
        types=[Type(name=type_name[:200]) for type_name in dict.fromkeys(types) if type_name][:1000],
        attributes=list(_attributes(parts, sublabels))[:200],
    )
    return Definition(str(row.get("Type") or ""), sublabels, category)


def _is_sublabel(fields: Any) -> bool:
    return (
        isinstance(fields, Mapping)
        and isinstance(fields.get("Type"), str)
        and not {"ListItems", "DefaultValue"} & {*fields}
    )


def _attributes(parts: Mapping[str, Any], sublabels: Mapping[str, str]) -> Iterator[Attribute]:
    for name, attributes in parts.items():
        if name in sublabels or not isinstance(attributes, Mapping):
            continue
        values, default = _values(attributes), attributes.get("DefaultValue")
        kind = "select" if values else "bool" if isinstance(default, bool) else "text"
        kind = "number" if kind == "text" and isinstance(default, int | float) else kind
        yield Attribute.model_validate({"name": name[:200], "kind": kind, "values": values})


def _values(fields: Any) -> list[str]:
    listed = fields.get("ListItems") if isinstance(fields, Mapping) else None
    return list(dict.fromkeys(map(str, listed)))[:1000] if isinstance(listed, list) else []


def _color(value: Any) -> str | None:
    """`#rrggbb` from red, green and blue between 0 and 1."""
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(channel, int | float) for channel in value):
        return None
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, channel))):02x}" for channel in value)
