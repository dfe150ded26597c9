"""Datumaro reads class and instance masks in the format that `format.txt` beside the archive names."""

import json
import sys
from pathlib import Path
from typing import Any

from datumaro.components.annotation import Annotation, AnnotationType
from datumaro.components.dataset import Dataset


def fields(annotation: Annotation, labels: list[str]) -> list[Any]:
    """The class, type, pixel count, box (x, y, width, height) and attributes."""
    label = None if annotation.label is None else labels[annotation.label]
    area = int(annotation.image.sum()) if annotation.type == AnnotationType.mask else None
    attributes = {
        name: value if isinstance(value, bool | str) else float(value) for name, value in annotation.attributes.items()
    }
    return [label, annotation.type.name, area, [float(side) for side in annotation.get_bbox()], attributes]


folder = Path(sys.argv[1])
read = Dataset.import_from(str(folder / "archive"), (folder / "format.txt").read_text())
categories = read.categories().get(AnnotationType.label)
names = [label.name for label in categories] if categories else []
items = {item.id: sorted((fields(each, names) for each in item.annotations), key=str) for item in read}
print(json.dumps({"labels": names, "items": items, "subsets": sorted(read.subsets())}))
