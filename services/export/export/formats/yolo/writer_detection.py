"""Ultralytics YOLO Detection 1.0 and Ultralytics YOLO Detection Track 1.0: rows `class cx cy w h`, the latter with the
number of the track at the end, counted from 0 over all media, in videos. The other files are as `ultralytics` says.

Boxes are cut to the picture, because Ultralytics leaves out pictures that have others.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count

from export.codecs.zip import Entry
from export.dataset.capabilities import Carries, Feature
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.rows import AROUND, CUT, NOTHING, Rows
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.yolo import names as yolonames
from export.formats.yolo import reader as readers
from export.formats.yolo import writer_darknet as yolo
from export.formats.yolo.boxes import box_rows
from export.formats.yolo.writer_ultralytics import entries

TRACKING = Carries(
    kinds=frozenset({"bbox"}),
    features=frozenset({Feature.ROTATION, Feature.TRACKS}),
    changed={Feature.ROTATION: AROUND},
)


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries, without tracks."""
    return entries(yolonames.DETECTION, dataset, yolo.CARRIES, partial(box_rows, dataset=dataset))


def write_tracks(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries, with the numbers of tracks."""
    tracks = count()

    def rows(labels: Labels) -> Rows:
        is_video = labels.medium.kind == "video"
        return box_rows(labels, dataset, [f" {next(tracks)}" if is_video else "" for _ in labels.objects])

    return entries(yolonames.TRACK, dataset, TRACKING, rows)


DETECTION = ArchiveFormat(yolonames.DETECTION, yolo.CARRIES, write, (NOTHING, CUT, REPLACED), reader=readers.DETECTION)
TRACK = ArchiveFormat(yolonames.TRACK, TRACKING, write_tracks, (NOTHING, CUT, REPLACED), reader=readers.TRACK)
