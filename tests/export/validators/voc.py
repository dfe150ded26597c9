"""Datumaro reads an archive of PASCAL VOC: the labels, and the annotations by item."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from datumaro.components.annotation import Annotation, AnnotationType
from datumaro.components.dataset import Dataset

logging.disable(logging.CRITICAL)
folder = Path(sys.argv[1])


def plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def fields(annotation: Annotation, labels: list[str]) -> dict[str, Any]:
    result = {"type": annotation.type.name, "label": labels[annotation.label]}
    if annotation.type is AnnotationType.bbox:
        result["at"] = plain(annotation.points)
        result["attributes"] = {name: plain(value) for name, value in annotation.attributes.items()}
    elif annotation.type is AnnotationType.mask:
        result["pixels"] = int(annotation.image.sum())
    return result


dataset = Dataset.import_from(str(folder), "voc")
labels = [label.name for label in dataset.categories()[AnnotationType.label].items]
items = {f"{item.subset}:{item.id}": [fields(each, labels) for each in item.annotations] for item in dataset}
print(json.dumps({"labels": labels, "items": items}))
