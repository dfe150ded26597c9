"""The `<meta>` element of CVAT XML: tasks and labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from common.contract.missions import Category
from export.formats.cvat.reader_classes import Spec, category, mission
from export.parsing.reader import DeclaredMission, Parsed
from export.parsing.reasons import MALFORMED, skipped_for

_OWNERS = ("task", "job", "project")


@dataclass(frozen=True, slots=True)
class Task:
    """A task; `source` is the file name of its video, if it has one."""

    name: str = ""
    source: str = ""
    mode: str = ""

    @property
    def names(self) -> list[str]:
        """Possible names of its video, the best first."""
        return [name for name in dict.fromkeys((self.source, self.name)) if name]


@dataclass(frozen=True, slots=True)
class Head:
    """The tasks by id, or the only one, and the attributes' input types by label."""

    tasks: Mapping[str, Task] = field(default_factory=dict)
    only: Task | None = None
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def task(self, number: str | None) -> Task:
        """A task by id, or the only one; empty if unknown."""
        task = self.tasks.get(number) if number is not None else None
        return task or self.only or Task()

    def kinds_of(self, label: str) -> Mapping[str, str]:
        """The input types of a label's attributes by name."""
        return self.kinds.get(label, {})


def head_of(meta: Element) -> Head:
    """The tasks and input types of a `<meta>` element."""
    owner = _owner(meta)
    if owner is None:
        return Head()
    kinds = {
        name: {entry.name: entry.kind for entry in _specs(label)}
        for label in owner.findall("labels/label")
        if (name := label.findtext("name"))
    }
    if owner.tag != "project":
        return Head(only=_task(owner), kinds=kinds)
    tasks = {entry.findtext("id", ""): _task(entry) for entry in owner.findall("tasks/task")}
    return Head(tasks, next(iter(tasks.values())) if len(tasks) == 1 else None, kinds)


def declared(where: str, meta: Element) -> Iterator[Parsed]:
    """The mission that a `<meta>` element declares."""
    owner = _owner(meta)
    labels = [] if owner is None else [label for label in owner.findall("labels/label") if label.findtext("name")]
    points: dict[str, list[str]] = {}
    for label in labels:
        if parent := label.findtext("parent"):
            points.setdefault(parent, []).append(label.findtext("name", ""))
    categories: list[Category] = []
    for label in labels:
        name = label.findtext("name", "")
        try:
            if not label.findtext("parent"):
                color, svg = label.findtext("color"), label.findtext("svg")
                categories.append(category(name, color, _specs(label), points.get(name, ()), svg))
        except MALFORMED as error:
            yield skipped_for(f"{where}, label {name}", error)
    try:
        yield from [DeclaredMission(mission(categories))] if categories else []
    except MALFORMED as error:
        yield skipped_for(f"{where}, labels", error)


def _owner(meta: Element) -> Element | None:
    return next((element for element in meta if element.tag in _OWNERS), None)


def _task(element: Element) -> Task:
    return Task(*(element.findtext(part) or "" for part in ("name", "source", "mode")))


def _specs(label: Element) -> Iterator[Spec]:
    for element in label.findall("attributes/attribute"):
        name, kind = element.findtext("name"), element.findtext("input_type")
        if name is not None and kind:
            mutable, default = element.findtext("mutable", "").lower() == "true", element.findtext("default_value", "")
            yield Spec(name, kind, mutable, default, element.findtext("values", "").split("\n"))
