"""CVAT's own library parses task annotations: each file as `LabeledData`, and the labels as labels of a task."""

import json
import sys
from pathlib import Path
from typing import Any

from cvat_sdk import models
from cvat_sdk.api_client import Configuration
from cvat_sdk.api_client.model_utils import validate_and_convert_types

settings = Configuration(host="http://localhost")


def parsed(content: Any, model: type) -> Any:
    """The JSON as an instance of the model, validated by the rules of its fields."""
    return validate_and_convert_types(content, (model,), ["content"], False, True, settings)


folder = Path(sys.argv[1])
labels = [parsed(label, models.PatchedLabelRequest) for label in json.loads((folder / "labels.json").read_bytes())]
files = {}
for path in sorted((folder / "annotations").rglob("*.json")):
    data = parsed(json.loads(path.read_bytes()), models.LabeledDataRequest)
    files[path.relative_to(folder / "annotations").as_posix()] = {
        "shapes": [shape.type.value for shape in data.shapes],
        "tracks": [[shape.type.value for shape in track.shapes] for track in data.tracks],
        "tags": len(data.tags),
    }
print(json.dumps({"labels": [label.name for label in labels], "files": files}))
