"""pycocotools and Datumaro read `annotations/person_keypoints_default.json` of a COCO archive."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

KEYPOINTS = 3


def by_pycocotools(folder: Path) -> dict[str, Any]:
    """The images, classes and annotations, and the precision of the file's keypoints against themselves."""
    read = COCO(str(folder / "annotations" / "person_keypoints_default.json"))
    annotations = read.loadAnns(read.getAnnIds())
    results = read.loadRes([each | {"score": 1.0} for each in json.loads(json.dumps(annotations))])
    evaluation = COCOeval(read, results, "keypoints")
    evaluation.params.kpt_oks_sigmas = np.full(KEYPOINTS, 0.05)
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"]
    return {
        "images": len(read.imgs),
        "classes": read.loadCats(read.getCatIds()),
        "annotations": annotations,
        "precision": float(precision[precision > -1].mean()),
    }


def by_datumaro(folder: Path) -> dict[str, Any]:
    """The keypoint names and edges by class, and the keypoints by item."""
    (folder / "images").mkdir(exist_ok=True)
    read = Dataset.import_from(str(folder), "coco_person_keypoints")
    classes = read.categories()[AnnotationType.points].items
    return {
        "joints": {str(number): [names.labels, sorted(map(list, names.joints))] for number, names in classes.items()},
        "points": [
            [item.id, each.points, [visibility.value for visibility in each.visibility]]
            for item in read
            for each in item.annotations
            if each.type is AnnotationType.points
        ],
    }


folder = Path(sys.argv[1])
print(json.dumps({"datumaro": by_datumaro(folder), "pycocotools": by_pycocotools(folder)}))
