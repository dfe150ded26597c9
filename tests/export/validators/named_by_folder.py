"""Datumaro reads an archive in a folder named after Datumaro's format, such as `imagenet_txt/`: the labels, and the
annotations by item."""

import json
import sys
from pathlib import Path
from typing import Any

from datumaro.components.annotation import Annotation, AnnotationType
from datumaro.components.dataset import Dataset


def fields(annotation: Annotation, labels: list[str]) -> dict[str, Any]:
    """The fields of an annotation, with the name of its label."""
    result = {"type": annotation.type.name, "attributes": annotation.attributes}
    label = getattr(annotation, "label", None)
    if label is not None:
        result["label"] = labels[label]
    match annotation.type:
        case AnnotationType.bbox:
            result["box"] = [round(number, 2) for number in annotation.get_bbox()]
        case AnnotationType.points | AnnotationType.polygon:
            result["points"] = [round(number, 2) for number in annotation.points]
        case AnnotationType.caption:
            result["text"] = annotation.caption
        case AnnotationType.mask:
            result |= {"box": [int(number) for number in annotation.get_bbox()], "area": int(annotation.get_area())}
    return result


folder = Path(sys.argv[1])
read = Dataset.import_from(str(folder), folder.name)
categories = read.categories().get(AnnotationType.label)
labels = [label.name for label in categories] if categories else []
items = {
    item.id: {
        "subset": item.subset,
        "attributes": item.attributes,
        "path": str(Path(item.media.path).relative_to(folder)) if getattr(item.media, "path", None) else None,
        "annotations": [fields(annotation, labels) for annotation in item.annotations],
    }
    for item in read
}
print(json.dumps({"labels": labels, "items": items}))
