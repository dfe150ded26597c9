"""pycocotools and Datumaro read COCO Keypoints: what both find in `annotations/person_keypoints_default.json`."""

import json
import sys
from pathlib import Path

import numpy as np
from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

JOINTS = 3


def by_pycocotools(folder: Path) -> dict:
    """Images, classes, annotations, and how the file's own points score against themselves."""
    read = COCO(str(folder / "annotations" / "person_keypoints_default.json"))
    annotations = read.loadAnns(read.getAnnIds())
    found = read.loadRes([one | {"score": 1.0} for one in json.loads(json.dumps(annotations))])
    judge = COCOeval(read, found, "keypoints")
    judge.params.kpt_oks_sigmas = np.full(JOINTS, 0.05)
    judge.evaluate()
    judge.accumulate()
    precision = judge.eval["precision"]
    return {
        "images": len(read.imgs),
        "classes": read.loadCats(read.getCatIds()),
        "annotations": annotations,
        "precision": float(precision[precision > -1].mean()),
    }


def by_datumaro(folder: Path) -> dict:
    """Points with their names, and lines between them."""
    (folder / "images").mkdir(exist_ok=True)
    read = Dataset.import_from(str(folder), "coco_person_keypoints")
    classes = read.categories()[AnnotationType.points].items
    return {
        "joints": {str(number): [one.labels, sorted(map(list, one.joints))] for number, one in classes.items()},
        "points": [
            [item.id, one.points, [seen.value for seen in one.visibility]]
            for item in read
            for one in item.annotations
            if one.type is AnnotationType.points
        ],
    }


folder = Path(sys.argv[1])
print(json.dumps({"datumaro": by_datumaro(folder), "pycocotools": by_pycocotools(folder)}))
