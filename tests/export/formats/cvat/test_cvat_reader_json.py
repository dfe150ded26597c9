"""CVAT task annotations JSON: shapes, tracks with their keyframes, and tags survive export and import."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given

from common.contract.labels import ObjectState
from export.formats.cvat.shapes import is_pixels
from tests.export.made import medium
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "CVAT task annotations JSON"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "d ü/b.mp4", FRAMES, **SMALL), medium("i1", "c.jpg")]


class KeyframeAttributes:
    """Replaces the numbers in an archive by names."""

    def __init__(self, files: dict[str, bytes]) -> None:
        labels = json.loads(files["labels.json"])
        points = [point for label in labels for point in label.get("sublabels", ())]
        self._labels = {each["id"]: each["name"] for each in [*labels, *points]}
        self._specs = {attribute["id"]: attribute["name"] for label in labels for attribute in label["attributes"]}

    def named(self, content: Any) -> Any:
        if isinstance(content, list):
            inside = [self.named(entry) for entry in content]
            return sorted(inside, key=json.dumps) if inside and isinstance(inside[0], dict) else inside
        if not isinstance(content, dict):
            return content
        if isinstance(content.get("shapes"), list) and "frame" in content:
            content = {**content, "shapes": list(held(content["shapes"]))}
        if "elements" in content:
            content = {**content, "elements": [element for element in content["elements"] if is_seen(element)]}
        if content.get("outside"):
            content = {**content, "points": []}
        return dict(self._named(content))

    def _named(self, content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in content.items():
            match name:
                case "label_id":
                    yield name, self._labels[value]
                case "spec_id":
                    yield name, self._specs[value]
                case "group":
                    yield name, bool(value)
                case _:
                    yield name, self.named(value)


def held(shapes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Keyframes with all attributes that hold on them."""
    attributes: dict[int, Any] = {}
    for shape in shapes:
        attributes |= {attribute["spec_id"]: attribute for attribute in shape["attributes"]}
        yield {**shape, "attributes": list(attributes.values())}


def is_seen(element: dict[str, Any]) -> bool:
    """Whether a keypoint is visible on any frame."""
    return not all(each["outside"] for each in element.get("shapes", [element]))


def is_even(state: ObjectState) -> bool:
    """Whether all keyframes are masks in CVAT, or none; mixed objects are clipped unpredictably."""
    return len({is_pixels(keyframe.geometry) for keyframe in state.keyframes}) == 1


def rows(files: dict[str, bytes]) -> dict[str, Any]:
    """The content of every file, without numbers of labels, attributes and groups, in any order."""
    attributes = KeyframeAttributes(files)
    return {name: attributes.named(json.loads(content)) for name, content in files.items() if name != "labels.json"}


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, list(filter(is_even, states)), ())

    assert not round_trip.skipped
    assert rows(round_trip.after) == rows(round_trip.before)
