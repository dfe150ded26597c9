"""Names of the YOLO formats; data.yaml names the Ultralytics format, because their files look alike."""

DARKNET = "YOLO 1.1"
DETECTION = "Ultralytics YOLO Detection 1.0"
TRACK = "Ultralytics YOLO Detection Track 1.0"
OBB = "Ultralytics YOLO Oriented Bounding Boxes 1.0"
SEGMENTATION = "Ultralytics YOLO Segmentation 1.0"
POSE = "Ultralytics YOLO Pose 1.0"
CLASSIFICATION = "Ultralytics YOLO Classification 1.0"
# The folder of images without a class.
NO_LABEL = "no_label"
_OF_ULTRALYTICS = {DETECTION, TRACK, OBB, SEGMENTATION, POSE}


def headline(name: str) -> str:
    """The first line of data.yaml: a comment, which trainers ignore."""
    return f"# {name}\n"


def named_in(head: str) -> str | None:
    """The format that the first line of a data.yaml names."""
    name = head.partition("\n")[0].strip("\r").removeprefix("# ")
    return name if name in _OF_ULTRALYTICS else None
