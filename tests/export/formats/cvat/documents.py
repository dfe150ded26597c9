"""Parses CVAT's XML for the tests of its writers."""

from typing import Any

from defusedxml import ElementTree

from export.dataset.dataset import Dataset
from tests.export.made import archive

IMAGES, VIDEO = "CVAT for images 1.1", "CVAT for video 1.1"


def document(name: str, made: Dataset) -> Any:
    """The parsed XML file."""
    return ElementTree.fromstring(archive(name, made)["annotations.xml"])


def shapes_of(document: Any) -> list[Any]:
    """All shapes of images and tracks."""
    return [shape for holder in document.findall("image") + document.findall("track") for shape in holder]
