"""Datumaro reads an archive of CVAT: the labels, and the annotations by item."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from datumaro.components.annotation import Annotation, AnnotationType
from datumaro.components.dataset import Dataset

logging.disable(logging.CRITICAL)
dataset = Dataset.import_from(str(Path(sys.argv[1])), "cvat")
labels = [label.name for label in dataset.categories()[AnnotationType.label].items]


def plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def fields(annotation: Annotation) -> dict[str, Any]:
    result = {
        "type": annotation.type.name,
        "label": labels[annotation.label],
        "group": int(annotation.group),
        "attributes": {name: plain(value) for name, value in annotation.attributes.items()},
    }
    if annotation.type is AnnotationType.mask:
        ys, xs = annotation.image.nonzero()
        result["pixels"] = sorted(zip(xs.tolist(), ys.tolist(), strict=True))
    elif annotation.type is AnnotationType.rotated_bbox:
        result["at"] = [annotation.cx, annotation.cy, annotation.w, annotation.h, annotation.r]
    elif annotation.type is not AnnotationType.label:
        result["at"] = plain(annotation.points)
        result["z_order"] = annotation.z_order
    return result


items = {item.id: [fields(annotation) for annotation in item.annotations] for item in dataset}
print(json.dumps({"labels": labels, "items": items}))
