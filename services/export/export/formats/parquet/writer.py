"""Parquet: one row per shape, for machine learning platforms.

`shapes.parquet` has every shape on every frame on which it is visible, and every label of a whole file on every frame
to which it applies; `media.parquet` has every file, even without labels; `image` is the path of a row's image in the
archive. Names are display names. `track` counts the objects of the archive from 0, frames count from 0 in their file,
`time_s` is seconds from its start. `x1` to `y2` are the corners of a box before rotation, clockwise by `rotation`
degrees about its center, or the bounding box of other shapes; all in pixels, not rounded. `geometry`, `keypoints` and
`angles` are JSON as in ezLabel JSON, null if a row has none, as for plain boxes; `attributes` (by name, as on the
frame) and `behaviors` (all of the object's) are JSON too. `is_key` distinguishes stored shapes from interpolated ones.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    # Arrow takes 50 MB of memory; exports to other formats must not load it.
    from export.formats.parquet.tables import tables  # noqa: PLC0415

    yield from tables(dataset)
