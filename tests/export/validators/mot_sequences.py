"""Datumaro and TrackEval read an archive of MOT 1.1 with one sequence."""

import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from trackeval.datasets import MotChallenge2DBox


def by_datumaro(folder: Path) -> dict[str, Any]:
    """The labels, and the boxes with their attributes by frame."""
    logging.disable(logging.CRITICAL)
    dataset = Dataset.import_from(str(folder), "mot_seq")
    labels = [label.name for label in dataset.categories()[AnnotationType.label].items]
    items = {
        item.id: [[labels[each.label], each.get_bbox(), each.attributes] for each in item.annotations]
        for item in dataset
    }
    return {"labels": labels, "items": items}


def by_trackeval(folder: Path) -> dict[str, Any]:
    """The ids and boxes of the first class by time step; the ground truth also serves as a perfect tracker's result."""
    with tempfile.TemporaryDirectory() as home:
        sequence = Path(home) / "gt" / "MOT17-train" / "one"
        shutil.copytree(folder, sequence)
        results = Path(home) / "trackers" / "MOT17-train" / "perfect" / "data"
        results.mkdir(parents=True)
        shutil.copy(folder / "gt" / "gt.txt", results / "one.txt")
        settings = {
            "GT_FOLDER": f"{home}/gt",
            "TRACKERS_FOLDER": f"{home}/trackers",
            "SEQ_INFO": {"one": None},
            "PRINT_CONFIG": False,
        }
        challenge = MotChallenge2DBox(settings)
        raw = challenge.get_raw_seq_data("perfect", "one")
        steps = zip(raw["gt_ids"], raw["gt_dets"], strict=True)
        return {
            "steps": raw["num_timesteps"],
            "boxes": [
                [[int(number), *map(float, box)] for number, box in zip(ids, boxes, strict=True)]
                for ids, boxes in steps
            ],
        }


archive = Path(sys.argv[1])
print(json.dumps({"datumaro": by_datumaro(archive), "trackeval": by_trackeval(archive)}))
