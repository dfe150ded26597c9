"""Reader of Ultralytics YOLO Segmentation: rows `class x1 y1 x2 y2 …`. Bridges of the writer are removed again,
which restores parts and holes. A row with four values is a box, as trainers read it."""

from export.formats.yolo.names import SEGMENTATION
from export.formats.yolo.reader_bridges import split_bridges
from export.formats.yolo.reader_kinds import detects
from export.formats.yolo.reader_rows import Drawn, Row, box_of, pixels, reading, shares
from export.parsing.reader import Reader
from export.parsing.reasons import ReaderError


def _drawn(row: Row) -> Drawn:
    words, target = row.words, row.target
    if len(words) == 4:
        return Drawn(box_of(words, target), ())
    if len(words) < 6:
        raise ReaderError("points_too_few", count=len(words) // 2, minimum=3)
    # What is left of pairs is a score or the number of a track.
    count = len(words) // 2 * 2
    found = shares(words, count)
    xs = (pixels(share, target.width) for share in found[::2])
    ys = (pixels(share, target.height) for share in found[1::2])
    return Drawn(split_bridges(list(zip(xs, ys, strict=True)), (target.width, target.height)), words[count:])


READER = Reader(reading(_drawn), detects(SEGMENTATION))
