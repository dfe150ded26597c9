"""What datumaro reads from an archive of LabelMe 3.0, whose masks it looks for at another place."""

import json
import shutil
import sys
from pathlib import Path

from datumaro.components.annotation import AnnotationType
from datumaro.plugins.data_formats.labelme import LabelMeBase

folder = Path(sys.argv[1])
for masks in folder.glob("*/Masks"):
    shutil.move(masks, folder / "Masks")
read = LabelMeBase(str(folder))
labels = [label.name for label in read.categories()[AnnotationType.label].items]


def said(annotation):
    found = {
        "type": annotation.type.name,
        "label": labels[annotation.label],
        "group": int(annotation.group),
        "attributes": dict(annotation.attributes),
    }
    if annotation.type is AnnotationType.mask:
        found["pixels"] = int(annotation.image.sum())
    else:
        found["at"] = [float(number) for number in annotation.points]
    return found


print(json.dumps({f"{item.subset}/{item.id}": [said(one) for one in item.annotations] for item in read}))
