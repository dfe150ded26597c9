"""Ultralytics YOLO Detection 1.0 and Ultralytics YOLO Detection Track 1.0: rows `class cx cy w h`, the latter with the
number of the track at the end, counted from 0 over all media, in videos. The other files are as `ultralytics` says.

Boxes are cut to the picture, because Ultralytics leaves out pictures that have others.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.rows import Rows
from export.formats.yolo import names as yolonames
from export.formats.yolo.boxes import box_rows
from export.formats.yolo.writer_ultralytics import entries


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries, without tracks."""
    return entries(yolonames.DETECTION, dataset, partial(box_rows, dataset=dataset))


def write_tracks(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries, with the numbers of tracks."""
    tracks = count()

    def rows(labels: Labels) -> Rows:
        is_video = labels.medium.kind == "video"
        return box_rows(labels, dataset, [f" {next(tracks)}" if is_video else "" for _ in labels.objects])

    return entries(yolonames.TRACK, dataset, rows)
