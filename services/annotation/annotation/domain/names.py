"""Things that are known by an id and a name, and the values that attributes can have."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from annotation.domain.errors import Refusal, UnknownName
from common.contract.edits import Value
from common.contract.missions import Attribute

# How many of the names that are there a refusal lists.
_LISTED = 20


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


class Words(dict[str, N]):
    """Things by id and by name; where an id is another's name, the id counts."""

    def __init__(self, things: Iterable[N]) -> None:
        listed = list(things)
        super().__init__({thing.id: thing for thing in listed})
        for thing in listed:
            self.setdefault(thing.name, thing)

    def find(self, word: str, what: str) -> N:
        """The thing with this id or name.

        Raises:
            UnknownName: there is none, and which there are.
        """
        thing = self.get(word)
        if thing is None:
            raise UnknownName(f"There is no {what} {word!r}; {there_are(one.name for one in self.values())}")
        return thing


def there_are(names: Iterable[str]) -> str:
    """A sentence that lists what there is."""
    known = list(dict.fromkeys(names))
    if not known:
        return "there are none."
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"there are: {', '.join(known[:_LISTED])}{more}."


def fits(attribute: Attribute, value: Value) -> bool:
    """Whether the attribute can have the value."""
    return _FITS[attribute.kind](value) and (attribute.kind != "select" or value in attribute.values)


def check_value(attribute: Attribute, value: Value) -> None:
    """Refuse a value that the attribute cannot have.

    Raises:
        UnknownName: it is none of the values to choose from.
    """
    if not _FITS[attribute.kind](value):
        raise Refusal(f"{attribute.name} is {_IS[attribute.kind]}, not {value!r}.")
    if attribute.kind == "select" and value not in attribute.values:
        raise UnknownName(f"{attribute.name} cannot be {value!r}; {there_are(attribute.values)}")


_FITS: Mapping[str, Callable[[Value], bool]] = {
    "select": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_IS = {"select": "one of its values", "text": "a text", "bool": "yes or no", "number": "a number"}
