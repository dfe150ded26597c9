"""Datumaro reads its own format: items with what is drawn on them, and classes with their points."""

import json
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from datumaro.components.media import Image


def numbers(one) -> list[float]:
    """Where an annotation is: its points, or how many pixels it has and its box."""
    if one.type is AnnotationType.mask:
        return [int(one.image.sum()), *map(float, one.get_bbox())]
    return list(map(float, getattr(one, "points", [])))


folder = Path(sys.argv[1])
read = Dataset.import_from(str(folder))
labels = [label.name for label in read.categories()[AnnotationType.label]]
found = {
    "labels": labels,
    "points": {
        labels[number]: [one.labels, sorted(map(list, one.joints))]
        for number, one in read.categories()[AnnotationType.points].items.items()
    },
    "items": {
        item.id: {
            "subset": item.subset,
            "frame": item.attributes["frame"],
            "size": list(item.media_as(Image).size),
            "annotations": [
                {
                    "type": one.type.name,
                    "label": labels[one.label],
                    "numbers": numbers(one),
                    "group": one.group,
                    "attributes": one.attributes,
                    "z_order": getattr(one, "z_order", 0),
                    "visibility": [seen.value for seen in getattr(one, "visibility", [])],
                }
                for one in item.annotations
            ],
        }
        for item in read
    },
}
print(json.dumps(found))
