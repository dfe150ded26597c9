"""Labels, attributes and keypoints that CVAT task annotations reference by id, or by name in backups."""

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
    """A label with its attributes (name and input type) and keypoints, each by id and by name."""

    name: str
    specs: Mapping[Any, tuple[str, str | None]] = field(default_factory=dict)
    points: Mapping[Any, str] = field(default_factory=dict)

    def attributes(self, attributes: Iterable[Json]) -> dict[str, Value]:
        """The attributes of an object; undeclared attributes without a name are skipped.

        Raises:
            KeyError: the data does not follow the format.
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
        """The name of a skeleton's keypoint.

        Raises:
            ValueError: the data does not follow the format.
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
        """Learn the labels of a file: a list, or an object with `results` or `labels`."""
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
            ValueError: the data does not follow the format.
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
    """The declared attributes except text, which may be numbers: their values decide."""
    attributes = label.get("attributes")
    for one in attributes if isinstance(attributes, list) else []:
        kind = str(one.get("input_type"))
        if kind != "text" or one.get("name") == TYPE:
            values = [str(value) for value in one.get("values") or ()]
            yield Spec(str(one["name"]), kind, one.get("mutable") is True, str(one.get("default_value") or ""), values)


def _numbered(rows: Any) -> Iterable[tuple[Any, str, Json]]:
    """Entries by id and by name."""
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield _plain(one.get("id")), one["name"], one
            yield one["name"], one["name"], one
