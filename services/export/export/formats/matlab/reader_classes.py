"""The label definitions of MATLAB ground truth, as a mission."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.contract.missions import Attribute, Category, Mission, Type
from common.contract.palette import color_of
from common.service.ids import stable_id

MISSION = "MATLAB ground truth"
_OF_ONE = {"type", "description", "labelcolor", "name", "group", "position", "pixellabelid"}
# What the scenes and things of no group are said to be in.
_NO_GROUP = {"", "none"}


@dataclass(frozen=True, slots=True)
class Definition:
    """A label definition: the `type` of its shapes and of its sublabels, empty if not declared."""

    type: str
    sublabels: Mapping[str, str]
    category: Category


def definitions(found: Any) -> dict[str, Definition]:
    """The labels by name; malformed definitions are skipped."""
    rows = _rows(found)
    return {str(row["Name"]): _definition(row) for row in rows if isinstance(row, Mapping) and row.get("Name")}


def mission(defined: Mapping[str, Definition]) -> Mission:
    """All labels and their groups as categories.

    Raises:
        ValueError: the data does not follow the format.
    """
    categories = {one.category.name: one.category for one in defined.values()}
    for one in list(categories.values()):
        if one.parent is not None and one.parent not in categories:
            categories[one.parent] = Category(name=one.parent, color=color_of(one.parent))
    return Mission(id=stable_id("mission", MISSION), name=MISSION, categories=list(categories.values()))


def _rows(found: Any) -> list[Any]:
    """The rows of a table: a list, a single row, or columns."""
    if not isinstance(found, Mapping):
        return found if isinstance(found, list) else []
    if not isinstance(names := found.get("Name"), list):
        return [found]
    columns = {name: column for name, column in found.items() if isinstance(column, list)}
    return [
        {name: column[number] for name, column in columns.items() if number < len(column)}
        for number in range(len(names))
    ]


def _definition(row: Mapping[str, Any]) -> Definition:
    name, group, below = str(row["Name"]), row.get("Group"), row.get("Hierarchy")
    below = below if isinstance(below, Mapping) else {}
    parts = {part: attributes for part, attributes in below.items() if part and part.lower() not in _OF_ONE}
    sublabels = {
        part: str(attributes.get("Type", "")) for part, attributes in parts.items() if _is_sublabel(attributes)
    }
    types = [*sublabels, *_values(below.get("Type"))]
    category = Category(
        name=name[:200],
        color=_color(row.get("LabelColor")) or color_of(name),
        parent=group[:200] if isinstance(group, str) and group.lower() not in {*_NO_GROUP, name.lower()} else None,
        types=[Type(name=one[:200]) for one in dict.fromkeys(types) if one][:1000],
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


def _color(found: Any) -> str | None:
    """`#rrggbb` from red, green and blue between 0 and 1."""
    if not isinstance(found, list) or len(found) != 3 or not all(isinstance(one, int | float) for one in found):
        return None
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, one))):02x}" for one in found)
