"""Datumaro writes the boxes of `boxes.npy` (video, frame, track, xyxy) in one of its formats; prints figures as JSON.

.tools/validators/bin/python bench/validators/datumaro_boxes.py FOLDER FORMAT WIDTH HEIGHT
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from datumaro.components.annotation import Bbox
from datumaro.components.dataset import Dataset
from datumaro.components.dataset_base import DatasetItem
from datumaro.components.media import Image


def items(folder: Path, width: int, height: int) -> Iterator[DatasetItem]:
    """One item per frame, with the same box attributes as in Tracklane's archives."""
    for video, frames in enumerate(np.load(folder / "boxes.npy")):
        for frame, boxes in enumerate(frames.tolist()):
            name = f"video {video:04d}/frame_{frame:06d}"
            yield DatasetItem(
                id=name,
                subset="train",
                media=Image.from_file(path=f"{name}.jpg", size=(height, width)),
                annotations=[bbox(frame, track, *corners) for track, corners in enumerate(boxes)],
            )


def bbox(frame: int, track: int, x1: float, y1: float, x2: float, y2: float) -> Bbox:
    attributes = {"occluded": False, "rotation": 0.0, "track_id": track, "keyframe": frame % 10 == 0}
    return Bbox(x1, y1, x2 - x1, y2 - y1, label=0, attributes=attributes)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


folder, name = Path(sys.argv[1]), sys.argv[2]
began = time.process_time()
dataset = Dataset.from_iterable(items(folder, int(sys.argv[3]), int(sys.argv[4])), categories=["Car"])
dataset.init_cache()
before = time.process_time(), peak_mb()
dataset.export(str(folder / name), name, save_media=False)
figures = {
    "making_s": before[0] - began,
    "cpu_s": time.process_time() - before[0],
    "peak_mb": peak_mb(),
    "before_mb": before[1],
}
boxes = sum(len(item.annotations) for item in dataset)
written = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
print(json.dumps(figures | {"boxes": boxes, "bytes": written}))
