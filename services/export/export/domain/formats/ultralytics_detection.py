"""Ultralytics YOLO Detection 1.0 and Ultralytics YOLO Detection Track 1.0: rows `class cx cy w h`, the latter with the
number of the track at the end, counted from 0 over all media, in videos. The other files are as `ultralytics` says.

Boxes are cut to the picture, because Ultralytics leaves out pictures that have others.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count

from export.domain import yolonames
from export.domain.archive import Entry
from export.domain.carries import Carries, Feature
from export.domain.dataset import Dataset
from export.domain.formats import yolo
from export.domain.formats.format import ArchiveFormat
from export.domain.formats.ultralytics import entries
from export.domain.labels import Labels
from export.domain.readers import yolo as readers
from export.domain.rows import AROUND, CUT, NOTHING, Rows
from export.domain.texts import REPLACED
from export.domain.yoloboxes import box_rows

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
