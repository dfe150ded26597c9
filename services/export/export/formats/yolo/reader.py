"""Readers of YOLO boxes, `class cx cy w h`: YOLO 1.1 (Darknet), Ultralytics YOLO Detection and Track. A score, a
track number or both may follow."""

from export.formats.yolo import names as yolonames
from export.formats.yolo.reader_kinds import detects
from export.formats.yolo.reader_rows import ParsedShape, Row, box_of, reading
from export.parsing.reader import Reader


def _parse_shape(row: Row) -> ParsedShape:
    return ParsedShape(box_of(row.words, row.target), row.words[4:])


DARKNET, DETECTION, TRACK = (
    Reader(reading(_parse_shape), detects(name)) for name in (yolonames.DARKNET, yolonames.DETECTION, yolonames.TRACK)
)
