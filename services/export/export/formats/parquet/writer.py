"""Parquet: one row a shape, for platforms that learn from tables.

`shapes.parquet` has every shape that is seen on a frame, and every label of a whole file on every frame on which it
holds; `media.parquet` has every file, also without labels; with pictures, `image` says where in the archive a row's
lies. Names are those that people see. `track` counts the objects of the archive from 0, frames count from 0 in their
file, `time_s` is seconds from its beginning. `x1` to `y2` are a box's corners before it is turned clockwise by
`rotation` degrees about its centre, or the box around another shape; all in pixels, not rounded. `geometry`,
`keypoints` and `angles` are JSON as in ezLabel JSON, null where a row has none, as plain boxes; `attributes` (by
name, as they are on the frame) and `behaviors` (all of the object's) are JSON too. `is_key` tells stored shapes from
computed ones.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    # Arrow takes 50 MB of memory, which exports in other formats need not pay.
    from export.formats.parquet.tables import tables  # noqa: PLC0415

    yield from tables(dataset)
