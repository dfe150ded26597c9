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
        values = {}
        for attribute in attributes:
            known = self.specs.get(_key(attribute, "spec_id", "name"))
            name, kind = known or (attribute.get("name"), None)
            if isinstance(name, str):
                # Tracklane's writer declares numbers as text.
                values[name] = value_as(name, None if kind == "text" else kind, str(attribute["value"]))
        return values

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
        """Add the labels of a file: a list, or an object with `results` or `labels`."""
        categories: list[Category] = []
        if isinstance(document, dict):
            document = document.get("results") or document.get("labels")
        for row in document if isinstance(document, list) else []:
            if isinstance(row, dict) and isinstance(row.get("name"), str):
                specs = {
                    key: (str(name), attribute.get("input_type"))
                    for key, name, attribute in _numbered(row.get("attributes"))
                }
                points = {key: name for key, name, _ in _numbered(row.get("sublabels"))}
                label = Label(row["name"], specs, points)
                self._known[_plain(row.get("id"))] = self._known[label.name] = label
                try:
                    svg, names = row.get("svg"), dict.fromkeys(points.values())
                    categories.append(category(label.name, row.get("color"), _declared(row), names, svg))
                except MALFORMED as error:
                    yield skipped_for(f"{where}, label {label.name}", error)
        try:
            yield from [DeclaredMission(mission(categories))] if categories else []
        except MALFORMED as error:
            yield skipped_for(where, error)

    def of(self, row: Json) -> Label:
        """The label of a shape, track or tag.

        Raises:
            ValueError: the data does not follow the format.
        """
        key = _key(row, "label_id", "label")
        label = self._known.get(key)
        if label is None and not isinstance(key, str):
            raise ReaderError("no_such_label", label=str(key))
        return label or Label(str(key))


def _key(row: Json, number: str, name: str) -> int | str | None:
    return _plain(row.get(number, row.get(name)))


def _plain(value: Any) -> int | str | None:
    return value if isinstance(value, int | str) else None


def _declared(label: Json) -> Iterator[Spec]:
    """The declared attributes except text, which may be numbers: their values decide."""
    attributes = label.get("attributes")
    for attribute in attributes if isinstance(attributes, list) else []:
        kind = str(attribute.get("input_type"))
        if kind != "text" or attribute.get("name") == TYPE:
            values = [str(value) for value in attribute.get("values") or ()]
            yield Spec(
                str(attribute["name"]),
                kind,
                attribute.get("mutable") is True,
                str(attribute.get("default_value") or ""),
                values,
            )


def _numbered(rows: Any) -> Iterable[tuple[Any, str, Json]]:
    """Entries by id and by name."""
    for entry in rows if isinstance(rows, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield _plain(entry.get("id")), entry["name"], entry
            yield entry["name"], entry["name"], entry
