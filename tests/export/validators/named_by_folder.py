"""Datumaro reads an archive in a folder that has the name of Datumaro's format, like `imagenet_txt/`: its labels and
what it finds on each picture."""

import json
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset


def told(annotation: object, labels: list[str]) -> dict:
    """An annotation with the name of its label."""
    found = {"type": annotation.type.name, "attributes": annotation.attributes}
    label = getattr(annotation, "label", None)
    if label is not None:
        found["label"] = labels[label]
    match annotation.type:
        case AnnotationType.bbox:
            found["box"] = [round(number, 2) for number in annotation.get_bbox()]
        case AnnotationType.points | AnnotationType.polygon:
            found["points"] = [round(number, 2) for number in annotation.points]
        case AnnotationType.caption:
            found["text"] = annotation.caption
        case AnnotationType.mask:
            found |= {"box": [int(number) for number in annotation.get_bbox()], "area": int(annotation.get_area())}
    return found


folder = Path(sys.argv[1])
read = Dataset.import_from(str(folder), folder.name)
categories = read.categories().get(AnnotationType.label)
labels = [label.name for label in categories] if categories else []
items = {
    item.id: {
        "subset": item.subset,
        "attributes": item.attributes,
        "path": str(Path(item.media.path).relative_to(folder)) if getattr(item.media, "path", None) else None,
        "found": [told(annotation, labels) for annotation in item.annotations],
    }
    for item in read
}
print(json.dumps({"labels": labels, "items": items}))
