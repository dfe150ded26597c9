"""Datumaro reads an archive of YOLO 1.1 with images: the labels, and the boxes of every item."""

import json
import logging
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset

logging.disable(logging.CRITICAL)
dataset = Dataset.import_from(str(Path(sys.argv[1])), "yolo")
labels = [label.name for label in dataset.categories()[AnnotationType.label].items]
items = {
    item.id: [[labels[each.label], *(round(float(side), 2) for side in each.points)] for each in item.annotations]
    for item in dataset
}
print(json.dumps({"labels": labels, "items": items, "subsets": sorted(dataset.subsets())}))
