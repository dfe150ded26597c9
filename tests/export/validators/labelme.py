"""Datumaro reads an archive of LabelMe 3.0 after its masks are moved to the folder that Datumaro expects."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from datumaro.components.annotation import Annotation, AnnotationType
from datumaro.plugins.data_formats.labelme import LabelMeBase

folder = Path(sys.argv[1])
for masks in folder.glob("*/Masks"):
    shutil.move(masks, folder / "Masks")
read = LabelMeBase(str(folder))
labels = [label.name for label in read.categories()[AnnotationType.label].items]


def fields(annotation: Annotation) -> dict[str, Any]:
    result: dict[str, Any] = {
        "type": annotation.type.name,
        "label": labels[annotation.label],
        "group": int(annotation.group),
        "attributes": dict(annotation.attributes),
    }
    if annotation.type is AnnotationType.mask:
        result["pixels"] = int(annotation.image.sum())
    else:
        result["at"] = [float(number) for number in annotation.points]
    return result


print(json.dumps({f"{item.subset}/{item.id}": [fields(each) for each in item.annotations] for item in read}))
