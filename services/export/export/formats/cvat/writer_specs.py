"""Numbered labels and attributes, as CVAT's task annotations reference them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from common.contract.missions import Attribute
from export.dataset.capabilities import Feature
from export.dataset.class_keypoints import class_keypoints
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.objects import LabelObject
from export.dataset.texts import ClassNames
from export.dataset.xml_text import value_text
from export.formats.cvat.writer_labels import TYPE, CvatLabel, cvat_labels, drawing

LONG = "values_cut"
FIXED = "lost_fixed_attribute_changes"
_LONGEST_NAME, _LONGEST_DEFAULT, _LONGEST_VALUE = 60, 128, 4096
# CVAT requires a range for numbers, which missions do not declare: numbers are text.
_INPUTS = {"select": "select", "bool": "checkbox", "number": "text", "text": "text"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """A label's id, its attributes by name (id, and whether they may change), and the ids of its keypoints by name."""

    number: int
    specs: Mapping[str, tuple[int, bool]]
    keypoints: Mapping[str, int]

    def changes(self, attribute: str) -> bool:
        """Whether the attribute may change between frames."""
        return self.specs[attribute][1] if attribute in self.specs else True


class Specs:
    """The labels of a dataset; `declared` are the rows from which a receiver creates them."""

    def __init__(self, dataset: Dataset) -> None:
        self._report = dataset.report
        self._numbers = count(1)
        self._by_name: dict[str, Label] = {}
        self.declared: list[Row] = []
        labels, points = cvat_labels(dataset), class_keypoints(dataset)
        names = ClassNames(dataset.report, _cut)
        for label_class in dataset.classes.all():
            label = labels.get(label_class.name) or CvatLabel(label_class.name)
            label.keypoints = list(points[label_class.number].positions) if label_class.number in points else []
            self._add(label, names.of(label_class.name))

    def of(self, label_object: LabelObject) -> Label:
        """The label of an object."""
        return self._by_name[label_object.category]

    def named(self, category: str) -> Label:
        """The label of a category."""
        return self._by_name[category]

    def values(self, label: Label, attributes: Mapping[str, Any]) -> list[Row]:
        """The attributes as CVAT's rows."""
        self._report.add(Feature.RESERVED, "" in attributes)
        return [self._value(label.specs[name][0], value) for name, value in attributes.items() if name]

    def fixed(self, label: Label, attributes: Mapping[str, Any]) -> list[Row]:
        """The attributes that are constant over all frames."""
        return self.values(label, {name: value for name, value in attributes.items() if not label.changes(name)})

    def changing(self, label: Label, attributes: Mapping[str, Any]) -> list[Row]:
        """The attributes that may change between frames."""
        return self.values(label, {name: value for name, value in attributes.items() if label.changes(name)})

    def changes(self, label: Label, attributes: Mapping[str, Any]) -> list[Row]:
        """The attributes that a keyframe changes; changes of constant attributes are reported as lost."""
        self._report.add(FIXED, sum(not label.changes(name) for name in attributes))
        return self.changing(label, attributes)

    def _value(self, spec: int, value: str | bool | float) -> Row:
        text = value_text(value)
        self._report.add(LONG, len(text) > _LONGEST_VALUE)
        return {"spec_id": spec, "value": text[:_LONGEST_VALUE]}

    def _add(self, label: CvatLabel, name: str) -> None:
        number = next(self._numbers)
        specs = {attribute_name: next(self._numbers) for attribute_name in label.attributes}
        points = {keypoint: next(self._numbers) for keypoint in label.keypoints}
        attributes = zip(specs.values(), self._names(specs), label.attributes.values(), strict=True)
        row: Row = {
            "id": number,
            "name": name,
            "color": label.color,
            "type": "skeleton" if points else "any",
            "attributes": [
                _attribute(spec, shown_name, attribute, self._report) for spec, shown_name, attribute in attributes
            ],
        }
        if points:
            row["sublabels"] = [
                {"id": keypoint, "name": shown_name, "type": "points", "attributes": []}
                for keypoint, shown_name in zip(points.values(), self._names(points), strict=True)
            ]
            row["svg"] = drawing(label, self._report)
        self.declared.append(row)
        mutable = {known: (specs[known], attribute.mutable) for known, attribute in label.attributes.items()}
        self._by_name[label.name] = Label(number, mutable, points)

    def _names(self, known: Iterable[str]) -> Iterator[str]:
        return map(ClassNames(self._report, _cut).of, known)


def attributes_with_type(label_object: LabelObject, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes by name, including the object's type."""
    by_name = {name: value for name, value in attributes.items() if name != TYPE}
    return by_name if label_object.type is None else {**by_name, TYPE: label_object.type}


def _attribute(spec: int, name: str, attribute: Attribute, report: LossReport) -> Row:
    default = "" if attribute.default is None else value_text(attribute.default)
    values = ["false", "true"] if attribute.kind == "bool" else attribute.values or [default]
    chosen = default or values[0]
    report.add(LONG, len(chosen) > _LONGEST_DEFAULT)
    return {
        "id": spec,
        "name": name,
        "mutable": attribute.mutable,
        "input_type": _INPUTS[attribute.kind],
        "values": values,
        "default_value": chosen[:_LONGEST_DEFAULT],
    }


def _cut(name: str) -> str:
    return name[:_LONGEST_NAME] or "_"
