"""Reader of COCO Keypoints 1.0: named keypoints, alone or with a box or polygon.

A box that only encloses the keypoints is omitted: the object is a skeleton. Masks become polygons, because only boxes
and polygons have keypoints.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from common.geometry.masks import polygonize
from common.geometry.types import Bitmap, Keypoint, Skeleton
from export.formats.coco.reader_files import PERSONS, ParsedShape, Row, area, box, confidences, objects, rotation_of
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MediaIndex
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError

# The largest distance to the bounding box of the keypoints; some programs count the last pixel too.
_SAME_PX = 1.01


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every annotation file."""
    yield from objects(archive, media, PERSONS, _parse_shape)


def detect(archive: ArchiveReader) -> float:
    """An annotation file in its folder, or a JSON file with COCO's lists and with keypoints."""
    return confidences(archive)[1]


READER = Reader(read, detect)
# x, y, and 2 for visible, 1 for hidden, 0 for unlabeled.
RawKeypoint = tuple[Any, Any, Any]


def named_points(names: Sequence[Any], raw: Sequence[RawKeypoint]) -> list[Keypoint]:
    """The labeled keypoints by name; keypoints without a name are numbered from 1."""
    all_names = [str(name) for name in islice(names, len(raw))]
    all_names += [str(number) for number in range(len(all_names) + 1, len(raw) + 1)]
    keypoints: dict[str, Keypoint] = {}
    for name, (x, y, visibility) in zip(all_names, raw, strict=True):
        if int(visibility) > 0:
            keypoints.setdefault(name, Keypoint(name=name, x=float(x), y=float(y), visible=int(visibility) == 2))
    return list(keypoints.values())


def _parse_shape(row: Row, fields: Row, category: Row) -> ParsedShape:
    raw, names = row.get("keypoints") or [], category.get("keypoints") or []
    if not isinstance(raw, list) or not isinstance(names, list) or len(raw) % 3:
        raise ReaderError("keypoints_not_triples")
    points = named_points(names, list(zip(raw[::3], raw[1::3], raw[2::3], strict=True)))
    if segmentation := row.get("segmentation"):
        geometry = area(segmentation)
        return (
            ParsedShape(polygonize(geometry), points, moves=False)
            if isinstance(geometry, Bitmap)
            else ParsedShape(geometry, points)
        )
    if points and "rotation" not in fields and _is_bounding_box(row.get("bbox"), points):
        return ParsedShape(Skeleton(keypoints=points))
    return ParsedShape(box(row["bbox"], rotation_of(fields)), points)


def _is_bounding_box(raw: Any, points: Sequence[Keypoint]) -> bool:
    """Whether the box, if there is one, is just the bounding box of the points."""
    if not raw:
        return True
    given = box(raw, 0.0)
    xs, ys = [keypoint.x for keypoint in points], [keypoint.y for keypoint in points]
    extent = min(xs), min(ys), max(xs), max(ys)
    edges = zip((given.x1, given.y1, given.x2, given.y2), extent, strict=True)
    return all(abs(edge - expected) < _SAME_PX for edge, expected in edges)
