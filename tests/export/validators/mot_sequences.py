"""What datumaro and TrackEval read from an archive of MOT 1.1 that holds one sequence."""

import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.components.dataset import Dataset
from trackeval.datasets import MotChallenge2DBox


def by_datumaro(folder: Path) -> dict:
    """Labels, and boxes with their attributes by frame."""
    logging.disable(logging.CRITICAL)
    dataset = Dataset.import_from(str(folder), "mot_seq")
    labels = [label.name for label in dataset.categories()[AnnotationType.label].items]
    items = {
        item.id: [[labels[one.label], one.get_bbox(), one.attributes] for one in item.annotations] for item in dataset
    }
    return {"labels": labels, "items": items}


def by_trackeval(folder: Path) -> dict:
    """Ids and boxes of the first class by time step, as those of a tracker that finds exactly what is there."""
    with tempfile.TemporaryDirectory() as home:
        sequence = Path(home) / "gt" / "MOT17-train" / "one"
        shutil.copytree(folder, sequence)
        found = Path(home) / "trackers" / "MOT17-train" / "perfect" / "data"
        found.mkdir(parents=True)
        shutil.copy(folder / "gt" / "gt.txt", found / "one.txt")
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
