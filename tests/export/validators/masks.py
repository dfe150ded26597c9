"""Datumaro reads pictures of classes and instances, in the format that `format.txt` beside the archive names."""

import json
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset


def said(one, labels: list) -> list:
    """Its class, kind, how many pixels it has, the box x, y, width, height, and its attributes."""
    label = None if one.label is None else labels[one.label]
    area = int(one.image.sum()) if one.type == AnnotationType.mask else None
    attributes = {
        name: value if isinstance(value, bool | str) else float(value) for name, value in one.attributes.items()
    }
    return [label, one.type.name, area, [float(side) for side in one.get_bbox()], attributes]


folder = Path(sys.argv[1])
read = Dataset.import_from(str(folder / "archive"), (folder / "format.txt").read_text())
known = read.categories().get(AnnotationType.label)
names = [label.name for label in known] if known else []
items = {item.id: sorted((said(one, names) for one in item.annotations), key=str) for item in read}
print(json.dumps({"labels": names, "items": items, "subsets": sorted(read.subsets())}))
