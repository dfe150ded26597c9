"""Reader of Ultralytics YOLO Pose: rows `class cx cy w h` followed by `x y v` or `x y` per keypoint.

The number of keypoints is `kpt_shape` in data.yaml, their names by class `kpt_names`; unnamed keypoints are numbered
from 0, as trainers do. A box that only encloses its keypoints is omitted: the object is a skeleton.
"""

from collections.abc import Iterator, Sequence

from common.geometry.types import Box, Keypoint, Skeleton
from export.formats.yolo.names import POSE
from export.formats.yolo.reader_kinds import detects
from export.formats.yolo.reader_rows import LEFT_OPEN, ParsedShape, Row, box_of, pixels, reading, shares
from export.parsing.reader import Reader
from export.parsing.reasons import ReaderError

_BOX = 4
_HIDDEN = 1.0


def _parse_shape(row: Row) -> ParsedShape:
    if row.config.points is None:
        raise ReaderError("keypoint_shape_missing", file=row.config.file or "data.yaml")
    count, values = row.config.points
    if values not in (2, 3) or count < 0:
        raise ReaderError("keypoint_shape_invalid", count=count, values=values)
    end = _BOX + count * values
    if len(row.words) < end:
        raise ReaderError("values_too_few", count=len(row.words), minimum=end)
    keypoints = list(_keypoints(row, row.words[_BOX:end], values))
    box = box_of(row.words, row.target)
    if keypoints and _is_extent(box, keypoints, row):
        return ParsedShape(Skeleton(keypoints=keypoints), row.words[end:])
    return ParsedShape(box, row.words[end:], keypoints)


def _keypoints(row: Row, words: Sequence[str], values: int) -> Iterator[Keypoint]:
    """The labeled keypoints."""
    for number in range(len(words) // values):
        cells = words[number * values : (number + 1) * values]
        x, y = shares(cells, 2)
        visibility = float(cells[2]) if values > 2 else float(x != 0 or y != 0) * 2
        if visibility != 0:
            yield Keypoint(
                name=row.config.point_name(row.number, number),
                x=pixels(x, row.target.width),
                y=pixels(y, row.target.height),
                visible=visibility != _HIDDEN,
            )


def _is_extent(box: Box, keypoints: Sequence[Keypoint], row: Row) -> bool:
    """Whether the box is the bounding box of the points, within the precision of the decimals."""
    xs, ys = [point.x for point in keypoints], [point.y for point in keypoints]
    sides = ((box.x1, box.x2, xs, row.target.width), (box.y1, box.y2, ys, row.target.height))
    return all(
        abs(low - min(coordinates)) <= 3 * LEFT_OPEN * side and abs(high - max(coordinates)) <= 3 * LEFT_OPEN * side
        for low, high, coordinates, side in sides
    )


READER = Reader(reading(_parse_shape), detects(POSE))
