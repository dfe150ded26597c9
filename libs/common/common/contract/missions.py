"""The label ontology: mission → category → type → attribute, and behaviour types.

Each has an `id` that objects refer to and a `name` for display. The id defaults to the first name and never changes, so
that renaming changes no object.
"""

from typing import Any, Literal

from pydantic import Field, model_validator

from common.contract.labels import Id
from common.contract.model import Model

Name = str


class _Named(Model):
    id: str = Field(default="", max_length=200)
    name: Name = Field(min_length=1, max_length=200)

    @model_validator(mode="before")
    @classmethod
    def _default_id(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and not fields.get("id"):
            return fields | {"id": fields.get("name", "")}
        return fields


class Attribute(_Named):
    """A property of objects: one of `values`, a boolean, a number or a text. A mutable one may change from keyframe to
    keyframe."""

    kind: Literal["select", "bool", "number", "text"] = "select"
    values: list[str] = Field(default=[], max_length=1000)
    mutable: bool = False
    default: str | bool | float | None = None


class Type(_Named):
    """A sub-type of a category, with attributes in addition to those of the category."""

    attributes: list[Attribute] = Field(default=[], max_length=200)


class SkeletonTemplate(Model):
    """The named keypoints of a category's skeletons, and the edges between them."""

    names: list[str] = Field(min_length=1, max_length=1000)
    edges: list[tuple[str, str]] = Field(default=[], max_length=5000)


class Category(_Named):
    """A class of objects, with a colour `#rrggbb`, types and attributes."""

    color: str = Field(pattern="^#[0-9a-fA-F]{6}$")
    parent: str | None = None
    types: list[Type] = Field(default=[], max_length=1000)
    attributes: list[Attribute] = Field(default=[], max_length=200)
    joints: SkeletonTemplate | None = None


class BehaviorType(_Named):
    """A kind of behaviour, with its possible attributes."""

    attributes: list[str] = Field(default=[], max_length=200)


class Mission(Model):
    """A set of categories and behaviour types. `revision` grows with every change."""

    id: Id
    name: Name = Field(min_length=1, max_length=200)
    builtin: bool = False
    annotation_types: list[str] = ["bbox"]
    categories: list[Category] = Field(default=[], max_length=5000)
    behaviors: list[BehaviorType] = Field(default=[], max_length=1000)
    revision: int = 0
