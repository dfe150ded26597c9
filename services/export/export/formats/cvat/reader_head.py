"""The `<meta>` element of CVAT XML: tasks and labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from common.contract.missions import Category
from export.formats.cvat.reader_classes import Spec, category, mission
from export.parsing.reader import DeclaredMission, Parsed
from export.parsing.reasons import MALFORMED, skipped_for

_ABOUT = ("task", "job", "project")


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
        found = self.tasks.get(number) if number is not None else None
        return found or self.only or Task()

    def kinds_of(self, label: str) -> Mapping[str, str]:
        """The input types of a label's attributes by name."""
        return self.kinds.get(label, {})


def head_of(meta: Element) -> Head:
    """The tasks and input types of a `<meta>` element."""
    about = _about(meta)
    if about is None:
        return Head()
    kinds = {
        name: {one.name: one.kind for one in _specs(label)}
        for label in about.findall("labels/label")
        if (name := label.findtext("name"))
    }
    if about.tag != "project":
        return Head(only=_task(about), kinds=kinds)
    tasks = {one.findtext("id", ""): _task(one) for one in about.findall("tasks/task")}
    return Head(tasks, next(iter(tasks.values())) if len(tasks) == 1 else None, kinds)


def declared(where: str, meta: Element) -> Iterator[Parsed]:
    """The mission that a `<meta>` element declares."""
    about = _about(meta)
    labels = [] if about is None else [one for one in about.findall("labels/label") if one.findtext("name")]
    points: dict[str, list[str]] = {}
    for label in labels:
        if parent := label.findtext("parent"):
            points.setdefault(parent, []).append(label.findtext("name", ""))
    found: list[Category] = []
    for label in labels:
        name = label.findtext("name", "")
        try:
            if not label.findtext("parent"):
                color, svg = label.findtext("color"), label.findtext("svg")
                found.append(category(name, color, _specs(label), points.get(name, ()), svg))
        except MALFORMED as error:
            yield skipped_for(f"{where}, label {name}", error)
    try:
        yield from [DeclaredMission(mission(found))] if found else []
    except MALFORMED as error:
        yield skipped_for(f"{where}, labels", error)


def _about(meta: Element) -> Element | None:
    return next((one for one in meta if one.tag in _ABOUT), None)


def _task(found: Element) -> Task:
    return Task(*(found.findtext(part) or "" for part in ("name", "source", "mode")))


def _specs(label: Element) -> Iterator[Spec]:
    for one in label.findall("attributes/attribute"):
        name, kind = one.findtext("name"), one.findtext("input_type")
        if name is not None and kind:
            mutable, default = one.findtext("mutable", "").lower() == "true", one.findtext("default_value", "")
            yield Spec(name, kind, mutable, default, one.findtext("values", "").split("\n"))
