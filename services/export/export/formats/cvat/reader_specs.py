"""Labels, attributes and the points of skeletons that CVAT's task annotations name by number, or by name in backups."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.contract.missions import Category
from export.formats.cvat.reader_classes import Spec, category, mission
from export.formats.cvat.reader_shapes import TYPE, Value, value_as
from export.parsing.reader import DeclaredMission, Parsed
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """A label, its attributes with CVAT's names for their inputs, and its points, each by number and by name."""

    name: str
    specs: Mapping[Any, tuple[str, str | None]] = field(default_factory=dict)
    points: Mapping[Any, str] = field(default_factory=dict)

    def attributes(self, attributes: Iterable[Json]) -> dict[str, Value]:
        """What is said of an object; attributes that nobody declares are left out, if they have no names.

        Raises:
            KeyError: one has no value.
        """
        found = {}
        for one in attributes:
            known = self.specs.get(_key(one, "spec_id", "name"))
            name, kind = known or (one.get("name"), None)
            if isinstance(name, str):
                # A number is declared as a text here.
                found[name] = value_as(name, None if kind == "text" else kind, str(one["value"]))
        return found

    def point(self, element: Json) -> str:
        """The name of a point of a skeleton.

        Raises:
            ValueError: it has none.
        """
        key = _key(element, "label_id", "label")
        name = self.points.get(key, key)
        if not isinstance(name, str):
            raise ReaderError("no_such_keypoint", keypoint=str(key))
        return name


class Labels:
    """All labels of an archive."""

    def __init__(self) -> None:
        self._known: dict[Any, Label] = {}

    def declare(self, where: str, document: Any) -> Iterator[Parsed]:
        """Learn what a file says: a list of labels, or what holds one as `results` or `labels`."""
        found: list[Category] = []
        if isinstance(document, dict):
            document = document.get("results") or document.get("labels")
        for attributes in document if isinstance(document, list) else []:
            if isinstance(attributes, dict) and isinstance(attributes.get("name"), str):
                specs = {
                    key: (str(name), one.get("input_type"))
                    for key, name, one in _numbered(attributes.get("attributes"))
                }
                points = {key: name for key, name, _ in _numbered(attributes.get("sublabels"))}
                label = Label(attributes["name"], specs, points)
                self._known[_plain(attributes.get("id"))] = self._known[label.name] = label
                try:
                    svg, points_named = attributes.get("svg"), dict.fromkeys(points.values())
                    found.append(
                        category(label.name, attributes.get("color"), _declared(attributes), points_named, svg)
                    )
                except MALFORMED as error:
                    yield skipped_for(f"{where}, label {label.name}", error)
        try:
            yield from [DeclaredMission(mission(found))] if found else []
        except MALFORMED as error:
            yield skipped_for(where, error)

    def of(self, row: Json) -> Label:
        """The label of a shape, track or tag.

        Raises:
            ValueError: it has none, or one that the archive does not tell.
        """
        key = _key(row, "label_id", "label")
        found = self._known.get(key)
        if found is None and not isinstance(key, str):
            raise ReaderError("no_such_label", label=str(key))
        return found or Label(str(key))


def _key(row: Json, number: str, name: str) -> int | str | None:
    return _plain(row.get(number, row.get(name)))


def _plain(fields: Any) -> int | str | None:
    return fields if isinstance(fields, int | str) else None


def _declared(label: Json) -> Iterator[Spec]:
    """Its attributes but for texts, which numbers are too: what they are, their values tell."""
    attributes = label.get("attributes")
    for one in attributes if isinstance(attributes, list) else []:
        kind = str(one.get("input_type"))
        if kind != "text" or one.get("name") == TYPE:
            values = [str(value) for value in one.get("values") or ()]
            yield Spec(str(one["name"]), kind, one.get("mutable") is True, str(one.get("default_value") or ""), values)


def _numbered(rows: Any) -> Iterable[tuple[Any, str, Json]]:
    """Things by number and by name."""
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield _plain(one.get("id")), one["name"], one
            yield one["name"], one["name"], one
