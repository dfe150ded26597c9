"""Cityscapes' own scripts read instance masks: the instances that their evaluation counts."""

import json
import sys
from pathlib import Path

import numpy as np
from cityscapesscripts.evaluation.instance import Instance
from cityscapesscripts.helpers.labels import id2label
from PIL import Image

folder = Path(sys.argv[1])
read = {}
for path in sorted(folder.glob("gtFine/**/*_gtFine_instanceIds.png")):
    numbers = np.array(Image.open(path))
    classes = np.array(Image.open(str(path).replace("_instanceIds", "_labelIds")))
    instances = [Instance(numbers, number) for number in np.unique(numbers).tolist() if number]
    read[str(path.relative_to(folder))] = {
        "instances": [[instance.instID, instance.labelID, instance.pixelCount] for instance in instances],
        # Whether Cityscapes has a class with this number; our numbers have other meanings.
        "known": [instance.labelID in id2label for instance in instances],
        "classes": np.unique(classes).tolist(),
        "modes": [str(numbers.dtype), str(classes.dtype)],
    }
print(json.dumps(read))
