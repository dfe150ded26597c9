"""Reader of COCO Keypoints 1.0: named keypoints, alone or with a box or polygon.

A box that only encloses the keypoints is omitted: the object is a skeleton. Masks become polygons, because only boxes
and polygons have keypoints.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from common.geometry.masks import polygonize
from common.geometry.types import Bitmap, Keypoint, Skeleton
from export.formats.coco.reader_files import PERSONS, Drawn, Row, area, box, certainty, objects, rotation_of
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MediaIndex
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError

# So near to the points a box is the one around them; some programs count the last pixel too.
_SAME_PX = 1.01


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every annotation file."""
    yield from objects(archive, media, PERSONS, _drawn)


def detect(archive: ArchiveReader) -> float:
    """An annotation file in its folder, or a JSON file with COCO's lists and with keypoints."""
    return certainty(archive)[1]


READER = Reader(read, detect)
# x, y, and 2 for visible, 1 for hidden, 0 for not known
DatasetConfig = tuple[Any, Any, Any]


def named_points(names: Sequence[Any], raw: Sequence[DatasetConfig]) -> list[Keypoint]:
    """The labeled keypoints by name; keypoints without a name are numbered from 1."""
    called = [str(name) for name in islice(names, len(raw))]
    called += [str(number) for number in range(len(called) + 1, len(raw) + 1)]
    found: dict[str, Keypoint] = {}
    for name, (x, y, seen) in zip(called, raw, strict=True):
        if int(seen) > 0:
            found.setdefault(name, Keypoint(name=name, x=float(x), y=float(y), visible=int(seen) == 2))
    return list(found.values())


def _drawn(row: Row, fields: Row, category: Row) -> Drawn:
    raw, names = row.get("keypoints") or [], category.get("keypoints") or []
    if not isinstance(raw, list) or not isinstance(names, list) or len(raw) % 3:
        raise ReaderError("keypoints_not_triples")
    points = named_points(names, list(zip(raw[::3], raw[1::3], raw[2::3], strict=True)))
    if segmentation := row.get("segmentation"):
        found = area(segmentation)
        return Drawn(polygonize(found), points, moves=False) if isinstance(found, Bitmap) else Drawn(found, points)
    if points and "rotation" not in fields and _is_around(row.get("bbox"), points):
        return Drawn(Skeleton(keypoints=points))
    return Drawn(box(row["bbox"], rotation_of(fields)), points)


def _is_around(raw: Any, points: Sequence[Keypoint]) -> bool:
    """Whether the box, if there is one, is just the bounding box of the points."""
    if not raw:
        return True
    around = box(raw, 0.0)
    xs, ys = [one.x for one in points], [one.y for one in points]
    extent = min(xs), min(ys), max(xs), max(ys)
    edges = zip((around.x1, around.y1, around.x2, around.y2), extent, strict=True)
    return all(abs(edge - reach) < _SAME_PX for edge, reach in edges)
