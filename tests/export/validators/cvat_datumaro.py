"""What datumaro reads from an archive of CVAT: labels, and by item what is on it."""

import json
import logging
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset

logging.disable(logging.CRITICAL)
dataset = Dataset.import_from(str(Path(sys.argv[1])), "cvat")
labels = [label.name for label in dataset.categories()[AnnotationType.label].items]


def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value


def said(annotation):
    found = {
        "type": annotation.type.name,
        "label": labels[annotation.label],
        "group": int(annotation.group),
        "attributes": {name: plain(value) for name, value in annotation.attributes.items()},
    }
    if annotation.type is AnnotationType.mask:
        ys, xs = annotation.image.nonzero()
        found["pixels"] = sorted(zip(xs.tolist(), ys.tolist(), strict=True))
    elif annotation.type is AnnotationType.rotated_bbox:
        found["at"] = [annotation.cx, annotation.cy, annotation.w, annotation.h, annotation.r]
    elif annotation.type is not AnnotationType.label:
        found["at"] = plain(annotation.points)
        found["z_order"] = annotation.z_order
    return found


items = {item.id: [said(one) for one in item.annotations] for item in dataset}
print(json.dumps({"labels": labels, "items": items}))
