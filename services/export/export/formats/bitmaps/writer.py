"""Bitmaps PNG and Bitmaps BMP: one black and white picture of one bit for each shape, as SentiSight has them.

`<frame>__<class>__<n>.png` or `.bmp`, as large as the frame and white where the shape is; n counts the shapes of a
class on a frame from 1, those behind first. Names of classes have no `__` and are at most 40 bytes long, so that names
of files stay possible and can be taken apart from the right; `labels.txt` lists them. Pictures lie in `images/`.
"""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import decode_bitmap
from common.geometry.types import Bitmap
from export.codecs.png import BLACK_OR_WHITE, Rows, bmp, bmp_size, png
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.label_maps import TOO_LARGE, fits_label_map, pixels
from export.dataset.labels import Labels
from export.dataset.texts import ClassNames, folder_name, in_batches

_NAME_BYTES = 40
_BETWEEN = re.compile(r"^_+|_+$|_(?=_)")
_PIXELS_AT_ONCE = 1024 * 1024


def write(dataset: Dataset, suffix: str) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    names = ClassNames(dataset.report, _part, folders=True)
    for labels in dataset.labels():
        if fits_label_map(labels.medium):
            yield from _bitmaps(labels, ids, names, suffix)
        else:
            dataset.report.add(TOO_LARGE, len(labels.objects))
    known = (f"{names.of(known.name)}\n" for known in dataset.classes.all())
    yield Entry("labels.txt", in_batches(known))
    for medium, picture in dataset.images():
        yield Entry(f"images/{ids.file(medium, picture.frame)}", picture.chunks, picture.size_bytes, packed=True)


def _bitmaps(labels: Labels, ids: ImageIds, names: ClassNames, suffix: str) -> Iterator[Entry]:
    size_wh = labels.medium.width, labels.medium.height
    for frame in labels.frames():
        numbers: Counter[str] = Counter()
        for shape in frame.shapes:
            found = pixels(shape.geometry, size_wh, labels.report)
            if found is not None:
                name = names.of(shape.object.category)
                numbers[name] += 1
                path = f"{ids.of(labels.medium, frame.number)}__{name}__{numbers[name]}.{suffix}"
                yield _picture(path, found, size_wh)


def _picture(path: str, found: Bitmap, size_wh: tuple[int, int]) -> Entry:
    mask, (width, height) = decode_bitmap(found), size_wh
    if path.endswith(".png"):
        rows = _rows(mask, found.x, found.y, size_wh)
        return Entry(path, png(rows, width, height, BLACK_OR_WHITE), packed=True)
    rows = _rows(mask[::-1], found.x, height - found.y - found.height, size_wh)
    return Entry(path, bmp(rows, width, height, BLACK_OR_WHITE), bmp_size(width, height, BLACK_OR_WHITE))


def _rows(mask: NDArray[np.bool_], x: int, y: int, size_wh: tuple[int, int]) -> Iterator[Rows]:
    """A picture with a mask whose first pixel is at (x, y), some rows at a time, eight pixels a byte."""
    width, height = size_wh
    at_once = max(1, _PIXELS_AT_ONCE // width)
    for first in range(0, height, at_once):
        rows = np.zeros((min(at_once, height - first), width), np.bool_)
        there = mask[max(first - y, 0) : max(first - y + len(rows), 0)]
        begin = max(y - first, 0)
        rows[begin : begin + len(there), x : x + mask.shape[1]] = there
        yield np.packbits(rows, axis=1)


def _part(name: str) -> str:
    """The name of a class as a part of the name of a file."""
    short = _BETWEEN.sub("", folder_name(name)).encode()[:_NAME_BYTES].decode(errors="ignore")
    return short.rstrip("_. ") or "class"
