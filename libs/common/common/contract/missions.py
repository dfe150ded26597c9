"""What a team labels: mission → category → type → attribute, and the behaviours things may show.

Each has an `id` that objects refer to and a `name` that people see. The id is the first name unless another is
given, and it stays: renaming touches no object.
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
    def _is_known_by_its_first_name(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("id"):
            return given | {"id": given.get("name", "")}
        return given


class Attribute(_Named):
    """A property that an object may have: one of `values`, yes or no, a number, or any text. A mutable one may differ
    from keyframe to keyframe."""

    kind: Literal["select", "bool", "number", "text"] = "select"
    values: list[str] = Field(default=[], max_length=1000)
    mutable: bool = False
    default: str | bool | float | None = None


class Type(_Named):
    """A sub-type of a category, with attributes of its own beside the category's."""

    attributes: list[Attribute] = Field(default=[], max_length=200)


class SkeletonTemplate(Model):
    """The named points of a category's skeletons and which of them lines join."""

    names: list[str] = Field(min_length=1, max_length=1000)
    edges: list[tuple[str, str]] = Field(default=[], max_length=5000)


class Category(_Named):
    """A name for things, with a colour `#rrggbb`, types and attributes."""

    color: str = Field(pattern="^#[0-9a-fA-F]{6}$")
    parent: str | None = None
    types: list[Type] = Field(default=[], max_length=1000)
    attributes: list[Attribute] = Field(default=[], max_length=200)
    joints: SkeletonTemplate | None = None


class BehaviorType(_Named):
    """Something that things do, and the ways in which they do it."""

    attributes: list[str] = Field(default=[], max_length=200)


class Mission(Model):
    """Categories to choose from and the behaviours they may show. `revision` grows with every change."""

    id: Id
    name: Name = Field(min_length=1, max_length=200)
    builtin: bool = False
    annotation_types: list[str] = ["bbox"]
    categories: list[Category] = Field(default=[], max_length=5000)
    behaviors: list[BehaviorType] = Field(default=[], max_length=1000)
    revision: int = 0
