"""Ultralytics YOLO Detection 1.0 and Ultralytics YOLO Detection Track 1.0: rows `class cx cy w h`; the latter, in
videos, with the track number at the end, counted from 0 over all media. The other files are described in
`writer_ultralytics`.

Boxes are clipped to the image, because Ultralytics skips images with others.
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
    """The archive's entries, with track numbers."""
    return entries(yolonames.DETECTION, dataset, partial(box_rows, dataset=dataset))


def write_tracks(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries, with track numbers."""
    tracks = count()

    def rows(labels: Labels) -> Rows:
        is_video = labels.medium.kind == "video"
        return box_rows(labels, dataset, [f" {next(tracks)}" if is_video else "" for _ in labels.objects])

    return entries(yolonames.TRACK, dataset, rows)
