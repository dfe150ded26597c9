"""Reader of Ultralytics YOLO Segmentation: rows `class x1 y1 x2 y2 …`. Bridges of the writer are removed again,
which restores parts and holes. A row with four values is a box, as trainers read it."""

from export.formats.yolo.names import SEGMENTATION
from export.formats.yolo.reader_bridges import split_bridges
from export.formats.yolo.reader_kinds import detects
from export.formats.yolo.reader_rows import ParsedShape, Row, box_of, pixels, reading, shares
from export.parsing.reader import Reader
from export.parsing.reasons import ReaderError


def _parse_shape(row: Row) -> ParsedShape:
    words, target = row.words, row.target
    if len(words) == 4:
        return ParsedShape(box_of(words, target), ())
    if len(words) < 6:
        raise ReaderError("points_too_few", count=len(words) // 2, minimum=3)
    # A value without a pair is a score or a track number.
    count = len(words) // 2 * 2
    coordinates = shares(words, count)
    xs = (pixels(share, target.width) for share in coordinates[::2])
    ys = (pixels(share, target.height) for share in coordinates[1::2])
    return ParsedShape(split_bridges(list(zip(xs, ys, strict=True)), (target.width, target.height)), words[count:])


READER = Reader(reading(_parse_shape), detects(SEGMENTATION))
