"""Labels and attributes by number, as CVAT's task annotations name them."""

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
# CVAT wants a range of a number, and nobody here gives one.
_INPUTS = {"select": "select", "bool": "checkbox", "number": "text", "text": "text"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """A label's number, those of its attributes by name with whether they may change, and of its points by name."""

    number: int
    specs: Mapping[str, tuple[int, bool]]
    joints: Mapping[str, int]

    def changes(self, attribute: str) -> bool:
        """Whether the attribute may differ from frame to frame."""
        return self.specs[attribute][1] if attribute in self.specs else True


class Specs:
    """The labels of a dataset; `declared` is what a receiver makes of them before it takes annotations."""

    def __init__(self, dataset: Dataset) -> None:
        self._report = dataset.report
        self._numbers = count(1)
        self._by_name: dict[str, Label] = {}
        self.declared: list[Row] = []
        found, points = cvat_labels(dataset), class_keypoints(dataset)
        names = ClassNames(dataset.report, _cut)
        for known in dataset.classes.all():
            label = found.get(known.name) or CvatLabel(known.name)
            label.joints = list(points[known.number].positions) if known.number in points else []
            self._add(label, names.of(known.name))

    def of(self, found: LabelObject) -> Label:
        """An object's label."""
        return self._by_name[found.category]

    def named(self, category: str) -> Label:
        """A category's label."""
        return self._by_name[category]

    def values(self, label: Label, said: Mapping[str, Any]) -> list[Row]:
        """Attributes as CVAT has them."""
        self._report.add(Feature.RESERVED, "" in said)
        return [self._value(label.specs[name][0], value) for name, value in said.items() if name]

    def fixed(self, label: Label, said: Mapping[str, Any]) -> list[Row]:
        """Those that may not change from frame to frame."""
        return self.values(label, {name: value for name, value in said.items() if not label.changes(name)})

    def changing(self, label: Label, said: Mapping[str, Any]) -> list[Row]:
        """Those that may."""
        return self.values(label, {name: value for name, value in said.items() if label.changes(name)})

    def changes(self, label: Label, said: Mapping[str, Any]) -> list[Row]:
        """Those that may change, as a keyframe says them; others are reported."""
        self._report.add(FIXED, sum(not label.changes(name) for name in said))
        return self.changing(label, said)

    def _value(self, spec: int, value: str | bool | float) -> Row:
        text = value_text(value)
        self._report.add(LONG, len(text) > _LONGEST_VALUE)
        return {"spec_id": spec, "value": text[:_LONGEST_VALUE]}

    def _add(self, label: CvatLabel, name: str) -> None:
        number = next(self._numbers)
        specs = {called: next(self._numbers) for called in label.attributes}
        points = {joint: next(self._numbers) for joint in label.joints}
        attributes = zip(specs.values(), self._names(specs), label.attributes.values(), strict=True)
        row: Row = {
            "id": number,
            "name": name,
            "color": label.color,
            "type": "skeleton" if points else "any",
            "attributes": [_attribute(spec, called, one, self._report) for spec, called, one in attributes],
        }
        if points:
            row["sublabels"] = [
                {"id": joint, "name": called, "type": "points", "attributes": []}
                for joint, called in zip(points.values(), self._names(points), strict=True)
            ]
            row["svg"] = drawing(label, self._report)
        self.declared.append(row)
        mutable = {called: (specs[called], one.mutable) for called, one in label.attributes.items()}
        self._by_name[label.name] = Label(number, mutable, points)

    def _names(self, known: Iterable[str]) -> Iterator[str]:
        return map(ClassNames(self._report, _cut).of, known)


def said_of(found: LabelObject, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of an object by name, and its type as one."""
    said = {name: value for name, value in attributes.items() if name != TYPE}
    return said if found.type is None else {**said, TYPE: found.type}


def _attribute(spec: int, name: str, one: Attribute, report: LossReport) -> Row:
    default = "" if one.default is None else value_text(one.default)
    values = ["false", "true"] if one.kind == "bool" else one.values or [default]
    chosen = default or values[0]
    report.add(LONG, len(chosen) > _LONGEST_DEFAULT)
    return {
        "id": spec,
        "name": name,
        "mutable": one.mutable,
        "input_type": _INPUTS[one.kind],
        "values": values,
        "default_value": chosen[:_LONGEST_DEFAULT],
    }


def _cut(name: str) -> str:
    return name[:_LONGEST_NAME] or "_"
