"""The labels that CVAT files declare, as categories of a mission."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from defusedxml.ElementTree import ParseError, fromstring

from common.contract.missions import Attribute, Category, Mission, SkeletonTemplate, Type
from common.contract.palette import color_of
from common.service.ids import stable_id
from export.formats.cvat.reader_shapes import TYPE, value_as

MISSION = "CVAT"
_KINDS = {"select": "select", "radio": "select", "checkbox": "bool", "number": "number", "text": "text"}


@dataclass(frozen=True, slots=True)
class Spec:
    """An attribute as CVAT declares it; `kind` is its input type."""

    name: str
    kind: str
    mutable: bool = False
    default: str = ""
    values: list[str] = field(default_factory=list)

    @property
    def attribute(self) -> Attribute:
        """The attribute of a category.

        Raises:
            ValueError: the data does not follow the format.
        """
        kind = _KINDS.get(self.kind, "text")
        values = [value for value in dict.fromkeys(self.values) if value] if kind == "select" else []
        is_valid = self.default and (kind != "select" or self.default in values)
        default = value_as(self.name, self.kind, self.default) if is_valid else None
        fields = {"name": self.name, "kind": kind, "mutable": self.mutable, "values": values, "default": default}
        return Attribute.model_validate(fields)


def category(name: str, color: str | None, specs: Iterable[Spec], points: Iterable[str], svg: str | None) -> Category:
    """The category of a label: the attribute `type` gives its types, its points the skeleton template.

    Raises:
        ValueError: the data does not follow the format.
    """
    declared, names = list(specs), list(dict.fromkeys(points))
    types = [value for spec in declared if spec.name == TYPE for value in spec.values if value]
    return Category(
        name=name,
        color=color if color and len(color) == 7 else color_of(name),
        types=[Type(name=value) for value in dict.fromkeys(types)],
        attributes=[spec.attribute for spec in declared if spec.name and spec.name != TYPE],
        joints=SkeletonTemplate(names=names, edges=_edges(svg, names)) if names else None,
    )


def mission(categories: Iterable[Category]) -> Mission:
    """The mission of a file's categories.

    Raises:
        ValueError: the data does not follow the format.
    """
    by_name = {each.name: each for each in categories}
    return Mission(id=stable_id("mission", MISSION), name=MISSION, categories=list(by_name.values()))


def _edges(svg: str | None, names: list[str]) -> list[tuple[str, str]]:
    """The edges of a skeleton from its SVG drawing."""
    try:
        drawing = fromstring(f"<svg>{svg or ''}</svg>", forbid_dtd=True)
    except (ParseError, ValueError):
        return []
    nodes: Mapping[Any, Any] = {
        element.get("data-node-id"): element.get("data-label-name") for element in drawing.iter("circle")
    }
    lines = (
        (nodes.get(element.get("data-node-from")), nodes.get(element.get("data-node-to")))
        for element in drawing.iter("line")
    )
    return [(start, end) for start, end in lines if start in names and end in names]
