"""The names of the YOLO formats, of which those of Ultralytics look so alike that data.yaml says which one it is."""

DARKNET = "YOLO 1.1"
DETECTION = "Ultralytics YOLO Detection 1.0"
TRACK = "Ultralytics YOLO Detection Track 1.0"
OBB = "Ultralytics YOLO Oriented Bounding Boxes 1.0"
SEGMENTATION = "Ultralytics YOLO Segmentation 1.0"
POSE = "Ultralytics YOLO Pose 1.0"
CLASSIFICATION = "Ultralytics YOLO Classification 1.0"
# The folder of pictures without a class.
NO_LABEL = "no_label"
_OF_ULTRALYTICS = {DETECTION, TRACK, OBB, SEGMENTATION, POSE}


def headline(name: str) -> str:
    """The first line of data.yaml: a comment, which trainers pass over."""
    return f"# {name}\n"


def told_in(beginning: str) -> str | None:
    """The format whose headline a data.yaml begins with."""
    name = beginning.partition("\n")[0].strip("\r").removeprefix("# ")
    return name if name in _OF_ULTRALYTICS else None
