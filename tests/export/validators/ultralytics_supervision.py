"""What supervision reads from the pictures of one folder of an Ultralytics archive: `asked.json` tells which,
and whether its boxes are oriented."""

import json
import sys
from pathlib import Path

import supervision

root = Path(sys.argv[1])
asked = json.loads((root / "asked.json").read_text())
read = supervision.DetectionDataset.from_yolo(
    images_directory_path=str(root / "images" / asked["folder"]),
    annotations_directory_path=str(root / "labels" / asked["folder"]),
    data_yaml_path=str(root / "data.yaml"),
    is_obb=asked.get("is_obb", False),
)
pictures = {}
for path, _, found in read:
    corners = found.data.get("xyxyxyxy")
    pictures[Path(path).name] = [
        {
            "class": read.classes[found.class_id[at]],
            "box": [round(float(side), 2) for side in found.xyxy[at]],
            "pixels": None if found.mask is None else int(found.mask[at].sum()),
            "corners": None if corners is None else [[round(float(one), 2) for one in point] for point in corners[at]],
        }
        for at in range(len(found))
    ]
print(json.dumps({"classes": read.classes, "pictures": pictures}))
