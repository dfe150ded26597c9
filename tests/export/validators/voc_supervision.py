"""supervision reads an archive of PASCAL VOC: the files directly in its folders that have images."""

import json
import sys
from pathlib import Path

import supervision

folder = Path(sys.argv[1])
dataset = supervision.DetectionDataset.from_pascal_voc(str(folder / "JPEGImages"), str(folder / "Annotations"))
items = {}
for path, _, detections in dataset:
    boxes = zip(detections.class_id, detections.xyxy.tolist(), strict=True)
    items[Path(path).name] = [[dataset.classes[number], *box] for number, box in boxes]
print(json.dumps(items))
