"""CVAT's own library takes our task annotations: each file as `LabeledData`, and the labels as labels of a task."""

import json
import sys
from pathlib import Path

from cvat_sdk import models
from cvat_sdk.api_client import Configuration
from cvat_sdk.api_client.model_utils import validate_and_convert_types

settings = Configuration(host="http://localhost")


def taken(content, model) -> object:
    """The model made of parsed JSON, by the rules that its fields have."""
    return validate_and_convert_types(content, (model,), ["content"], False, True, settings)


folder = Path(sys.argv[1])
labels = [taken(one, models.PatchedLabelRequest) for one in json.loads((folder / "labels.json").read_bytes())]
found = {}
for path in sorted((folder / "annotations").rglob("*.json")):
    read = taken(json.loads(path.read_bytes()), models.LabeledDataRequest)
    found[path.relative_to(folder / "annotations").as_posix()] = {
        "shapes": [shape.type.value for shape in read.shapes],
        "tracks": [[shape.type.value for shape in track.shapes] for track in read.tracks],
        "tags": len(read.tags),
    }
print(json.dumps({"labels": [label.name for label in labels], "files": found}))
