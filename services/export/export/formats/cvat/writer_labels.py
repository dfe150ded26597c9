"""The head of CVAT XML: tasks, and the labels with their attributes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import cos, pi, sin
from typing import Any

from common.contract.missions import Attribute, Category
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.texts import clean
from export.dataset.vocabulary import Names, Term
from export.dataset.xml_text import value_text, xml_text

TYPE = "type"
# The color of labels that no mission declares.
_GREY = "#808080"
_INPUTS = {"select": "select", "bool": "checkbox", "number": "number", "text": "text"}


@dataclass(slots=True)
class CvatLabel:
    """A label as CVAT declares it; `inferred` are the attributes that only objects have."""

    name: str
    color: str = _GREY
    attributes: dict[str, Attribute] = field(default_factory=dict)
    keypoints: list[str] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
    inferred: set[str] = field(default_factory=set)

    def declare(self, category: Category) -> None:
        """Add a mission's declaration; several missions may declare the label."""
        self.color = category.color if self.color == _GREY else self.color
        if category.types:
            known = self.attributes.get(TYPE)
            values = [*(known.values if known else ()), *(known_type.name for known_type in category.types)]
            self.attributes[TYPE] = Attribute(name=TYPE, values=list(dict.fromkeys(values)))
        for type_attributes in [[], *(known_type.attributes for known_type in category.types)]:
            declared = [*category.attributes, *type_attributes]
            names = Names(declared)
            for attribute in declared:
                self.attributes.setdefault(names.of(attribute.id), attribute)
        if category.joints and not self.keypoints:
            self.keypoints, self.edges = category.joints.names, category.joints.edges

    def use(self, attributes: Mapping[str, Any]) -> None:
        """Add attributes of an object, with their values."""
        for name, value in attributes.items():
            kind = "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
            known = self.attributes.get(name)
            if name and (known is None or (name in self.inferred and known.kind not in (kind, "text"))):
                self.inferred.add(name)
                declared_kind = kind if known is None else "text"
                self.attributes[name] = Attribute.model_validate(
                    {"name": name[:200], "kind": declared_kind, "mutable": True}
                )


def cvat_labels(dataset: Dataset) -> dict[str, CvatLabel]:
    """The labels by name, declared ones first; needs a pass over all labels of the dataset."""
    by_name: dict[str, CvatLabel] = {}
    for mission in dataset.missions:
        for category in mission.categories:
            if dataset.selection.takes_class(Term(category.id, category.name)):
                by_name.setdefault(category.name, CvatLabel(category.name)).declare(category)
    for labels in dataset.without_reports().labels():
        for label_object in (*labels.objects, *(label.object for label in labels.medium_labels)):
            typed = {} if label_object.type is None else {TYPE: label_object.type}
            by_name.setdefault(label_object.category, CvatLabel(label_object.category)).use(
                {**label_object.attributes, **typed}
            )
        held = labels.keyframes.attribute_index
        for index, label_object in enumerate(labels.objects):
            rows = labels.keyframes.rows_of(index)
            for at in sorted(set(held[rows.start : rows.stop].tolist())):
                by_name[label_object.category].use(dict(sorted(labels.keyframes.held[at].items())))
        for label in labels.medium_labels:
            for keyframe in label.keyframes:
                by_name[label.object.category].use(label.object.resolved_class.named(keyframe.attributes))
    return by_name


def document_head(dataset: Dataset, tasks: Iterable[str], labels: Iterable[CvatLabel], *, is_project: bool) -> str:
    """Everything before the first image or track; `tasks` are the contents of the task elements without labels."""
    declared = f"<labels>\n{''.join(_labels(labels, dataset.report))}</labels>\n"
    project = "<id>1</id>\n<name>default</name>\n<bugtracker></bugtracker>\n<created></created>\n<updated></updated>\n"
    if is_project:
        contents = "".join(f"<task>\n{task}</task>\n" for task in tasks)
        meta = f"<project>\n{project}<tasks>\n{contents}</tasks>\n{declared}<subsets>default</subsets>\n</project>\n"
    else:
        meta = "".join(f"<task>\n{task}{declared}</task>\n" for task in tasks)
    return f"<annotations>\n<version>1.1</version>\n<meta>\n{meta}<dumped></dumped>\n</meta>\n"


def task(number: int, name: str, size: int, mode: str, report: LossReport, medium: ExportMedium | None = None) -> str:
    """The content of a task element without its labels; of a video also its frame size and its name."""
    last = max(size - 1, 0)
    text = xml_text(name, report)
    # Timestamps are empty so that the same labels give the same archive.
    content = (
        f"<id>{number}</id>\n<name>{text}</name>\n<size>{size}</size>\n<mode>{mode}</mode>\n<overlap>0</overlap>\n"
        "<bugtracker></bugtracker>\n<created></created>\n<updated></updated>\n<subset>default</subset>\n"
        f"<start_frame>0</start_frame>\n<stop_frame>{last}</stop_frame>\n<frame_filter></frame_filter>\n"
        f"<segments>\n<segment><id>{number}</id><start>0</start><stop>{last}</stop><url></url></segment>\n</segments>\n"
        "<owner><username></username><email></email></owner>\n<assignee></assignee>\n"
    )
    if medium is None:
        return content
    size_wh = f"<width>{medium.width}</width><height>{medium.height}</height>"
    return f"{content}<original_size>{size_wh}</original_size>\n<source>{text}</source>\n"


def _labels(labels: Iterable[CvatLabel], report: LossReport) -> Iterator[str]:
    for label in labels:
        name, color, kind = xml_text(label.name, report), label.color, "skeleton" if label.keypoints else "any"
        attributes = "".join(
            _attribute(attribute_name, attribute, report) for attribute_name, attribute in label.attributes.items()
        )
        yield (
            f"<label>\n<name>{name}</name>\n<color>{color}</color>\n<type>{kind}</type>\n"
            f"<attributes>\n{attributes}</attributes>\n{_svg(label, report)}</label>\n"
        )
        for keypoint in label.keypoints:
            yield (
                f"<label>\n<name>{xml_text(keypoint, report)}</name>\n<color>{color}</color>\n<type>points</type>\n"
                f"<attributes>\n</attributes>\n<parent>{name}</parent>\n</label>\n"
            )


def _attribute(name: str, attribute: Attribute, report: LossReport) -> str:
    # Readers take each line as a value.
    values = "\n".join(xml_text(clean(value, _one_line, report), report) for value in attribute.values)
    default = "" if attribute.default is None else value_text(attribute.default)
    return (
        f"<attribute>\n<name>{xml_text(name, report)}</name>\n<mutable>{attribute.mutable}</mutable>\n"
        f"<input_type>{_INPUTS[attribute.kind]}</input_type>\n"
        f"<default_value>{xml_text(default, report)}</default_value>\n"
        f"<values>{values}</values>\n</attribute>\n"
    )


def _one_line(value: str) -> str:
    return " ".join(value.split("\n"))


def _svg(label: CvatLabel, report: LossReport) -> str:
    return f"<svg>{xml_text(drawing(label, report), report)}</svg>\n" if label.keypoints else ""


def drawing(label: CvatLabel, report: LossReport) -> str:
    """The SVG drawing from which readers learn a skeleton's keypoints and edges; the keypoints lie on a circle."""
    angles = [2 * pi * number / len(label.keypoints) for number in range(len(label.keypoints))]
    positions = [(f"{50 + 40 * sin(angle):.2f}", f"{50 - 40 * cos(angle):.2f}") for angle in angles]
    numbers = {name: number for number, name in enumerate(label.keypoints)}
    elements = []
    for begin, end in label.edges:
        if begin in numbers and end in numbers:
            (x1, y1), (x2, y2) = positions[numbers[begin]], positions[numbers[end]]
            elements.append(
                f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" data-type="edge" '
                f'data-node-from="{numbers[begin] + 1}" data-node-to="{numbers[end] + 1}"></line>'
            )
    for number, (name, (x, y)) in enumerate(zip(label.keypoints, positions, strict=True), 1):
        elements.append(
            f'<circle r="1.5" cx="{x}" cy="{y}" data-type="element node" data-element-id="{number}" '
            f'data-node-id="{number}" data-label-name="{xml_text(name, report)}"></circle>'
        )
    return "".join(elements)
