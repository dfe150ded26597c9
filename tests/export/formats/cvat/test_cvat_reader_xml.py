"""CVAT's XML: shapes of images, and tracks with their keyframes, survive export and import."""

from collections.abc import Iterator
from math import cos, radians, sin
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given

from common.contract.labels import ObjectState
from tests.export.made import medium
from tests.export.parsing.alike import Row, differences, row
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

IMAGES, VIDEO = "CVAT for images 1.1", "CVAT for video 1.1"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "d ü/b.mp4", FRAMES, **SMALL), medium("i1", "c.jpg")]
NUMBERS = {"points", "xtl", "ytl", "xbr", "ybr", "cx", "cy", "rx", "ry"}
LEFT_OUT = {"part_of", "group_id", "id", "keyframe", "rotation"}


def rows(files: dict[str, bytes]) -> dict[str, list[Row]]:
    """The visible shapes by image or by frame of a task, without track and group numbers and keyframe marks."""
    document = ElementTree.fromstring(files["annotations.xml"])
    result: dict[str, list[Row]] = {str(image.get("name")): [] for image in document.findall("image")}
    for holder in (*document.findall("image"), *document.findall("track")):
        about = {name: value for name, value in holder.items() if name not in LEFT_OUT}
        for shape in holder:
            if shape.get("outside") != "1":
                place = str(holder.get("name") or (holder.get("task_id"), shape.get("frame")))
                result.setdefault(place, []).append(shape_row(shape, {**about, "grouped": grouped(holder, shape)}))
    return result


def grouped(holder: Any, shape: Any) -> bool:
    """Whether the shape is in a group that is more than one object."""
    groups = [(each.get("group_id"), each.get("part_of")) for each in (holder, shape)]
    return any(group is not None and group != part for group, part in groups)


def shape_row(shape: Any, about: Any = None) -> Row:
    attributes, numbers = {"tag": shape.tag, **(about or {})}, []
    for name, value in shape.items():
        if name in NUMBERS or (shape.tag == "cuboid" and name[-1] in "12"):
            numbers += [float(number) for pair in value.split(";") for number in pair.split(",")]
        elif name not in LEFT_OUT:
            attributes[name] = value
    turned = radians(float(shape.get("rotation", 0)))
    inside = sorted(child_rows(shape))
    numbers += [50 * cos(turned), 50 * sin(turned), *(number for child in inside for number in child.numbers)]
    return row([attributes, [child.words for child in inside]], numbers)


def child_rows(shape: Any) -> Iterator[Row]:
    for child in shape:
        yield row([child.get("name"), child.text or ""]) if child.tag == "attribute" else shape_row(child)


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
@given(states=projects(reach=500, most=4))
def test_a_project_survives_export_and_import(name: str, states: list[ObjectState]) -> None:
    round_trip = returned(name, MEDIA, states, ())

    assert not round_trip.skipped
    before, after = rows(round_trip.before), rows(round_trip.after)
    assert before.keys() == after.keys()
    for place in before:
        assert not differences(before[place], after[place], 0.06)
