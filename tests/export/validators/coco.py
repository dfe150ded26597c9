"""pycocotools and Datumaro read COCO: what both find in `annotations/instances_default.json`."""

import json
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from pycocotools.coco import COCO


def by_pycocotools(folder: Path) -> dict:
    """Images, classes, and each annotation with the pixels of its mask."""
    read = COCO(str(folder / "annotations" / "instances_default.json"))
    return {
        "images": {image["id"]: image["file_name"] for image in read.loadImgs(read.getImgIds())},
        "classes": {category["id"]: category["name"] for category in read.loadCats(read.getCatIds())},
        "annotations": [one | {"pixels": pixels(read, one)} for one in read.loadAnns(read.getAnnIds())],
    }


def pixels(read: COCO, annotation: dict) -> int | None:
    """How many pixels its mask has; None for a box, which has no mask in COCO."""
    return int(read.annToMask(annotation).sum()) if annotation["segmentation"] else None


def by_datumaro(folder: Path) -> dict:
    """Items with what is drawn on them."""
    (folder / "images").mkdir(exist_ok=True)  # Datumaro looks for it also where there are no pictures
    read = Dataset.import_from(str(folder), "coco_instances")
    labels = [label.name for label in read.categories()[AnnotationType.label]]
    items = {item.id: [[labels[one.label], one.type.name, one.attributes] for one in item.annotations] for item in read}
    return {"labels": labels, "items": items}


folder = Path(sys.argv[1])
print(json.dumps({"pycocotools": by_pycocotools(folder), "datumaro": by_datumaro(folder)}))
