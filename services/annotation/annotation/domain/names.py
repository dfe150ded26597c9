"""Lookup by id or name, and the values that attributes can have."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from annotation.domain.errors import EditRefused, UnknownName
from common.contract.edits import Value
from common.contract.missions import Attribute

# The number of existing names in an error.
_MAX_LISTED = 20


class Named(Protocol):
    """An entry with an id and a name."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


class NameIndex(dict[str, N]):
    """Entries by id and by name. An id takes precedence over an equal name of another entry."""

    def __init__(self, entries: Iterable[N]) -> None:
        listed = list(entries)
        super().__init__({entry.id: entry for entry in listed})
        for entry in listed:
            self.setdefault(entry.name, entry)

    def find(self, name: str, code: str, **params: str) -> N:
        """The entry with this id or name.

        Raises:
            UnknownName: There is none. `code` and `params` describe the error.
        """
        entry = self.get(name)
        if entry is None:
            raise UnknownName(code, name=name, known=list_names(known.name for known in self.values()), **params)
        return entry


def list_names(names: Iterable[str]) -> str:
    """Names as a list in a sentence, truncated if it is long."""
    known = list(dict.fromkeys(names))
    if not known:
        return "–"
    more = ", …" if len(known) > _MAX_LISTED else ""
    return ", ".join(known[:_MAX_LISTED]) + more


def accepts_value(attribute: Attribute, value: Value) -> bool:
    """Whether the attribute can have the value."""
    return _HAS_TYPE[attribute.kind](value) and (attribute.kind != "select" or value in attribute.values)


def check_value(attribute: Attribute, value: Value) -> None:
    """Refuse a value that the attribute cannot have.

    Raises:
        UnknownName: The value is not one of the values of the attribute.
        EditRefused: The value has the wrong type.
    """
    if not _HAS_TYPE[attribute.kind](value):
        raise EditRefused(_NEEDED[attribute.kind], attribute=attribute.name, value=repr(value))
    if attribute.kind == "select" and value not in attribute.values:
        known = list_names(attribute.values)
        raise UnknownName("unknown_attribute_value", attribute=attribute.name, value=repr(value), known=known)


_HAS_TYPE: Mapping[str, Callable[[Value], bool]] = {
    "select": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_NEEDED = {
    "select": "attribute_needs_choice",
    "text": "attribute_needs_text",
    "bool": "attribute_needs_bool",
    "number": "attribute_needs_number",
}
