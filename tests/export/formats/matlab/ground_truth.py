"""MATLAB ground truth files, and what the reader makes of them."""

import json
from typing import Any

from export.parsing.imported_object import ImportedObject
from export.parsing.reader import Parsed
from tests.export.made import medium
from tests.export.parsing.made_archives import opened, read, targets

NAME = "MATLAB ground truth JSON"
MEDIA = [medium("m1", "a.mp4", 10), medium("m2", "long.mp4", 4000), medium("i1", "c.jpg"), medium("i2", "1.png")]
CAR = {
    "Name": "car",
    "Type": "Rectangle",
    "LabelColor": [0.58, 0.82, 0.31],
    "Group": "Vehicle",
    "Description": "",
    "Hierarchy": {
        "Type": {"ListItems": ["Truck", "Bus"], "Description": ""},
        "Lit": {"DefaultValue": False},
        "Wheel": {"Type": "Rectangle", "Description": ""},
    },
}
LANE = {"Name": "lane", "Type": "Line", "LabelColor": [0, 0, 1], "Group": "None", "Description": ""}
WORDS = [
    "Name",
    "Type",
    "Position",
    "Hierarchy",
    "Group",
    "ListItems",
    "ID",
    "Source",
    "TimeStamps",
    "Rectangle",
    "Line",
]
SUNNY = {"Name": "Sunny", "Type": "Scene", "LabelColor": [1, 1, 0], "Group": "None"}


def truth(rows: Any, source: Any = "a.mp4", definitions: Any = (CAR, LANE, SUNNY), wrapped: bool = True) -> bytes:
    inner = {"DataSource": source, "LabelDefinitions": definitions, "LabelData": rows}
    return json.dumps({"gTruth": inner} if wrapped else inner).encode()


def parsed(content: bytes, name: str = "gTruth.json") -> list[Parsed]:
    return read(NAME, opened(content, name), targets(MEDIA))


def frames(imported: ImportedObject) -> list[tuple[int, bool]]:
    return [(key.frame, key.outside) for key in imported.keyframes]
