"""Cityscapes' own scripts read instance pictures: the instances that their evaluation counts, and their boxes."""

import json
import sys
from pathlib import Path

import numpy as np
from cityscapesscripts.evaluation.instance import Instance
from cityscapesscripts.helpers.labels import id2label
from PIL import Image

folder = Path(sys.argv[1])
found = {}
for path in sorted(folder.glob("gtFine/**/*_gtFine_instanceIds.png")):
    numbers = np.array(Image.open(path))
    classes = np.array(Image.open(str(path).replace("_instanceIds", "_labelIds")))
    instances = [Instance(numbers, number) for number in np.unique(numbers).tolist() if number]
    found[str(path.relative_to(folder))] = {
        "instances": [[one.instID, one.labelID, one.pixelCount] for one in instances],
        # A class of theirs: which number means what is ours to say, not whether they know it.
        "known": [one.labelID in id2label for one in instances],
        "classes": np.unique(classes).tolist(),
        "modes": [str(numbers.dtype), str(classes.dtype)],
    }
print(json.dumps(found))
