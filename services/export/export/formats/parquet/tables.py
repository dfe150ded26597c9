"""The tables of shapes and media, as archive entries."""

from collections.abc import Iterator

import pyarrow as pa

from export.codecs.parquet import parquet
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.media import ExportMedium
from export.formats.image_entries import image_entries
from export.formats.parquet.rows import MEDIUM, SHAPES, ShapeRows, image_path

MEDIA = pa.schema(
    [
        *MEDIUM,
        ("kind", pa.string()),
        ("image", pa.string()),
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("fps", pa.float64()),
        ("frames", pa.int64()),
        ("frames_taken", pa.int64()),
        ("content_type", pa.string()),
        ("size_bytes", pa.int64()),
        ("sha256", pa.string()),
        ("weather", pa.string()),
        ("lighting", pa.string()),
        ("fov", pa.string()),
    ]
)
_MEDIA_AT_ONCE = 4096


def tables(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("shapes.parquet", parquet(SHAPES, _shapes(dataset)), packed=True)
    yield Entry("media.parquet", parquet(MEDIA, _media(dataset)), packed=True)
    yield from image_entries(dataset, image_path)


def _shapes(dataset: Dataset) -> Iterator[pa.RecordBatch]:
    first_track = 0
    for labels in dataset.labels():
        yield from ShapeRows(labels, first_track).batches()
        first_track += len(labels.objects) + len(labels.medium_labels)


def _media(dataset: Dataset) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(dataset.media), _MEDIA_AT_ONCE):
        rows = [_medium(medium) for medium in dataset.media[first : first + _MEDIA_AT_ONCE]]
        yield pa.RecordBatch.from_pylist(rows, MEDIA)


def _medium(medium: ExportMedium) -> dict[str, object]:
    return {
        "project": medium.project_id,
        "media_id": medium.id,
        "file": medium.name,
        "subset": medium.subset,
        "kind": medium.kind,
        "image": image_path(medium, 0) if medium.kind == "image" else None,
        "width": medium.width,
        "height": medium.height,
        "fps": medium.fps,
        "frames": medium.frame_count,
        "frames_taken": len(medium.frames),
        "content_type": medium.content_type,
        "size_bytes": medium.size_bytes,
        "sha256": medium.sha256,
        **medium.conditions.model_dump(),
    }
