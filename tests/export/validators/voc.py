"""What datumaro reads from an archive of PASCAL VOC."""

import json
import logging
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset

logging.disable(logging.CRITICAL)
folder = Path(sys.argv[1])


def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value


def said(annotation, labels):
    found = {"type": annotation.type.name, "label": labels[annotation.label]}
    if annotation.type is AnnotationType.bbox:
        found["at"] = plain(annotation.points)
        found["attributes"] = {name: plain(value) for name, value in annotation.attributes.items()}
    elif annotation.type is AnnotationType.mask:
        found["pixels"] = int(annotation.image.sum())
    return found


dataset = Dataset.import_from(str(folder), "voc")
labels = [label.name for label in dataset.categories()[AnnotationType.label].items]
items = {f"{item.subset}:{item.id}": [said(one, labels) for one in item.annotations] for item in dataset}
print(json.dumps({"labels": labels, "items": items}))
