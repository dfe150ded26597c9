"""supervision reads one image folder of an Ultralytics archive: `request.json` names the folder, and whether its boxes
are oriented."""

import json
import sys
from pathlib import Path

import supervision

root = Path(sys.argv[1])
request = json.loads((root / "request.json").read_text())
read = supervision.DetectionDataset.from_yolo(
    images_directory_path=str(root / "images" / request["folder"]),
    annotations_directory_path=str(root / "labels" / request["folder"]),
    data_yaml_path=str(root / "data.yaml"),
    is_obb=request.get("is_obb", False),
)
images = {}
for path, _, detections in read:
    corners = detections.data.get("xyxyxyxy")
    images[Path(path).name] = [
        {
            "class": read.classes[detections.class_id[at]],
            "box": [round(float(side), 2) for side in detections.xyxy[at]],
            "pixels": None if detections.mask is None else int(detections.mask[at].sum()),
            "corners": None
            if corners is None
            else [[round(float(coordinate), 2) for coordinate in point] for point in corners[at]],
        }
        for at in range(len(detections))
    ]
print(json.dumps({"classes": read.classes, "images": images}))
