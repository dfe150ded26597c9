"""Datumaro reads its own format: the items with their annotations, and the classes with their keypoints."""

import json
import sys
from pathlib import Path

from datumaro.components.annotation import Annotation, AnnotationType
from datumaro.components.dataset import Dataset
from datumaro.components.media import Image


def numbers(annotation: Annotation) -> list[float]:
    """The points of an annotation; for a mask, its pixel count and its box."""
    if annotation.type is AnnotationType.mask:
        return [int(annotation.image.sum()), *map(float, annotation.get_bbox())]
    return list(map(float, getattr(annotation, "points", [])))


folder = Path(sys.argv[1])
read = Dataset.import_from(str(folder))
labels = [label.name for label in read.categories()[AnnotationType.label]]
content = {
    "labels": labels,
    "points": {
        labels[number]: [names.labels, sorted(map(list, names.joints))]
        for number, names in read.categories()[AnnotationType.points].items.items()
    },
    "items": {
        item.id: {
            "subset": item.subset,
            "frame": item.attributes["frame"],
            "size": list(item.media_as(Image).size),
            "annotations": [
                {
                    "type": each.type.name,
                    "label": labels[each.label],
                    "numbers": numbers(each),
                    "group": each.group,
                    "attributes": each.attributes,
                    "z_order": getattr(each, "z_order", 0),
                    "visibility": [visibility.value for visibility in getattr(each, "visibility", [])],
                }
                for each in item.annotations
            ],
        }
        for item in read
    },
}
print(json.dumps(content))
