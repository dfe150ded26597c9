"""pycocotools and Datumaro read `annotations/instances_default.json` of a COCO archive."""

import json
import sys
from pathlib import Path
from typing import Any

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from pycocotools.coco import COCO


def by_pycocotools(folder: Path) -> dict[str, Any]:
    """The images, the classes, and the annotations with the pixel counts of their masks."""
    read = COCO(str(folder / "annotations" / "instances_default.json"))
    return {
        "images": {image["id"]: image["file_name"] for image in read.loadImgs(read.getImgIds())},
        "classes": {category["id"]: category["name"] for category in read.loadCats(read.getCatIds())},
        "annotations": [each | {"pixels": pixels(read, each)} for each in read.loadAnns(read.getAnnIds())],
    }


def pixels(read: COCO, annotation: dict[str, Any]) -> int | None:
    """The pixel count of the annotation's mask; None for a box."""
    return int(read.annToMask(annotation).sum()) if annotation["segmentation"] else None


def by_datumaro(folder: Path) -> dict[str, Any]:
    """The labels, and the annotations by item."""
    (folder / "images").mkdir(exist_ok=True)  # Datumaro requires the folder, even without images
    read = Dataset.import_from(str(folder), "coco_instances")
    labels = [label.name for label in read.categories()[AnnotationType.label]]
    items = {
        item.id: [[labels[each.label], each.type.name, each.attributes] for each in item.annotations] for item in read
    }
    return {"labels": labels, "items": items}


folder = Path(sys.argv[1])
print(json.dumps({"pycocotools": by_pycocotools(folder), "datumaro": by_datumaro(folder)}))
