"""The head of CVAT's XML: which labels there are and what may be said of them."""

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
# Of a label that only objects name, nobody chose the colour.
_GREY = "#808080"
_INPUTS = {"select": "select", "bool": "checkbox", "number": "number", "text": "text"}


@dataclass(slots=True)
class CvatLabel:
    """A label as CVAT declares it; `joints` are the names of a skeleton's points, `guessed` the attributes that only
    objects have."""

    name: str
    color: str = _GREY
    attributes: dict[str, Attribute] = field(default_factory=dict)
    joints: list[str] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
    guessed: set[str] = field(default_factory=set)

    def declare(self, category: Category) -> None:
        """What a mission says of it; several may."""
        self.color = category.color if self.color == _GREY else self.color
        if category.types:
            known = self.attributes.get(TYPE)
            values = [*(known.values if known else ()), *(one.name for one in category.types)]
            self.attributes[TYPE] = Attribute(name=TYPE, values=list(dict.fromkeys(values)))
        for own in [[], *(one.attributes for one in category.types)]:
            declared = [*category.attributes, *own]
            names = Names(declared)
            for attribute in declared:
                self.attributes.setdefault(names.of(attribute.id), attribute)
        if category.joints and not self.joints:
            self.joints, self.edges = category.joints.names, category.joints.edges

    def use(self, attributes: Mapping[str, Any]) -> None:
        """Attributes that objects have with their values, declared or not."""
        for name, value in attributes.items():
            kind = "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
            known = self.attributes.get(name)
            if name and (known is None or (name in self.guessed and known.kind not in (kind, "text"))):
                self.guessed.add(name)
                said = kind if known is None else "text"
                self.attributes[name] = Attribute.model_validate({"name": name[:200], "kind": said, "mutable": True})


def cvat_labels(dataset: Dataset) -> dict[str, CvatLabel]:
    """The labels by name: those that missions declare and then those that objects have; takes a pass over them."""
    found: dict[str, CvatLabel] = {}
    for mission in dataset.missions:
        for category in mission.categories:
            if dataset.selection.takes_class(Term(category.id, category.name)):
                found.setdefault(category.name, CvatLabel(category.name)).declare(category)
    for labels in dataset.without_reports().labels():
        for one in (*labels.objects, *(label.object for label in labels.medium_labels)):
            typed = {} if one.type is None else {TYPE: one.type}
            found.setdefault(one.category, CvatLabel(one.category)).use({**one.attributes, **typed})
        said = labels.keyframes.attribute_index
        for index, one in enumerate(labels.objects):
            rows = labels.keyframes.rows_of(index)
            for at in sorted(set(said[rows.start : rows.stop].tolist())):
                found[one.category].use(dict(sorted(labels.keyframes.held[at].items())))
        for label in labels.medium_labels:
            for keyframe in label.keyframes:
                found[label.object.category].use(label.object.resolved_class.named(keyframe.attributes))
    return found


def document_head(dataset: Dataset, tasks: Iterable[str], labels: Iterable[CvatLabel], *, is_project: bool) -> str:
    """Everything before the first image or track; `tasks` are the insides of the tasks without their labels."""
    declared = f"<labels>\n{''.join(_labels(labels, dataset.report))}</labels>\n"
    about = "<id>1</id>\n<name>default</name>\n<bugtracker></bugtracker>\n<created></created>\n<updated></updated>\n"
    if is_project:
        inside = "".join(f"<task>\n{task}</task>\n" for task in tasks)
        meta = f"<project>\n{about}<tasks>\n{inside}</tasks>\n{declared}<subsets>default</subsets>\n</project>\n"
    else:
        meta = "".join(f"<task>\n{task}{declared}</task>\n" for task in tasks)
    return f"<annotations>\n<version>1.1</version>\n<meta>\n{meta}<dumped></dumped>\n</meta>\n"


def task(number: int, name: str, size: int, mode: str, report: LossReport, medium: ExportMedium | None = None) -> str:
    """What is said of a task but for its labels; of a video also its picture's size and its name."""
    last = max(size - 1, 0)
    text = xml_text(name, report)
    # No time of its own: two archives of the same labels are equal.
    said = (
        f"<id>{number}</id>\n<name>{text}</name>\n<size>{size}</size>\n<mode>{mode}</mode>\n<overlap>0</overlap>\n"
        "<bugtracker></bugtracker>\n<created></created>\n<updated></updated>\n<subset>default</subset>\n"
        f"<start_frame>0</start_frame>\n<stop_frame>{last}</stop_frame>\n<frame_filter></frame_filter>\n"
        f"<segments>\n<segment><id>{number}</id><start>0</start><stop>{last}</stop><url></url></segment>\n</segments>\n"
        "<owner><username></username><email></email></owner>\n<assignee></assignee>\n"
    )
    if medium is None:
        return said
    size_wh = f"<width>{medium.width}</width><height>{medium.height}</height>"
    return f"{said}<original_size>{size_wh}</original_size>\n<source>{text}</source>\n"


def _labels(labels: Iterable[CvatLabel], report: LossReport) -> Iterator[str]:
    for label in labels:
        name, color, kind = xml_text(label.name, report), label.color, "skeleton" if label.joints else "any"
        attributes = "".join(_attribute(called, one, report) for called, one in label.attributes.items())
        yield (
            f"<label>\n<name>{name}</name>\n<color>{color}</color>\n<type>{kind}</type>\n"
            f"<attributes>\n{attributes}</attributes>\n{_svg(label, report)}</label>\n"
        )
        for joint in label.joints:
            yield (
                f"<label>\n<name>{xml_text(joint, report)}</name>\n<color>{color}</color>\n<type>points</type>\n"
                f"<attributes>\n</attributes>\n<parent>{name}</parent>\n</label>\n"
            )


def _attribute(name: str, one: Attribute, report: LossReport) -> str:
    # Readers take each line for a value.
    values = "\n".join(xml_text(clean(value, _one_line, report), report) for value in one.values)
    default = "" if one.default is None else value_text(one.default)
    return (
        f"<attribute>\n<name>{xml_text(name, report)}</name>\n<mutable>{one.mutable}</mutable>\n"
        f"<input_type>{_INPUTS[one.kind]}</input_type>\n<default_value>{xml_text(default, report)}</default_value>\n"
        f"<values>{values}</values>\n</attribute>\n"
    )


def _one_line(value: str) -> str:
    return " ".join(value.split("\n"))


def _svg(label: CvatLabel, report: LossReport) -> str:
    return f"<svg>{xml_text(drawing(label, report), report)}</svg>\n" if label.joints else ""


def drawing(label: CvatLabel, report: LossReport) -> str:
    """A drawing of a skeleton as SVG, from which readers learn its points and lines: the points on a circle."""
    turns = [2 * pi * at / len(label.joints) for at in range(len(label.joints))]
    places = [(f"{50 + 40 * sin(turn):.2f}", f"{50 - 40 * cos(turn):.2f}") for turn in turns]
    numbers = {name: at for at, name in enumerate(label.joints)}
    drawn = []
    for begin, end in label.edges:
        if begin in numbers and end in numbers:
            (x1, y1), (x2, y2) = places[numbers[begin]], places[numbers[end]]
            drawn.append(
                f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" data-type="edge" '
                f'data-node-from="{numbers[begin] + 1}" data-node-to="{numbers[end] + 1}"></line>'
            )
    for at, (name, (x, y)) in enumerate(zip(label.joints, places, strict=True), 1):
        drawn.append(
            f'<circle r="1.5" cx="{x}" cy="{y}" data-type="element node" data-element-id="{at}" '
            f'data-node-id="{at}" data-label-name="{xml_text(name, report)}"></circle>'
        )
    return "".join(drawn)
