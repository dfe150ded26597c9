"""Bitmaps PNG and Bitmaps BMP: one 1-bit mask image per shape, as SentiSight stores them.

`<frame>__<class>__<n>.png` or `.bmp` has the size of the frame and is white inside the shape; n numbers the shapes of a
class on a frame from 1, back to front. Class names contain no `__` and are at most 40 bytes long, so that file names
stay valid and can be split from the right; `labels.txt` lists them. Frame images are in `images/`.
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
from export.formats.image_entries import image_entries

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
    lines = (f"{names.of(label_class.name)}\n" for label_class in dataset.classes.all())
    yield Entry("labels.txt", in_batches(lines))
    yield from image_entries(dataset, lambda medium, frame: f"images/{ids.file(medium, frame)}")


def _bitmaps(labels: Labels, ids: ImageIds, names: ClassNames, suffix: str) -> Iterator[Entry]:
    size_wh = labels.medium.width, labels.medium.height
    for frame in labels.frames():
        numbers: Counter[str] = Counter()
        for shape in frame.shapes:
            bitmap = pixels(shape.geometry, size_wh, labels.report)
            if bitmap is not None:
                name = names.of(shape.object.category)
                numbers[name] += 1
                path = f"{ids.of(labels.medium, frame.number)}__{name}__{numbers[name]}.{suffix}"
                yield _mask_entry(path, bitmap, size_wh)


def _mask_entry(path: str, bitmap: Bitmap, size_wh: tuple[int, int]) -> Entry:
    mask, (width, height) = decode_bitmap(bitmap), size_wh
    if path.endswith(".png"):
        rows = _rows(mask, bitmap.x, bitmap.y, size_wh)
        return Entry(path, png(rows, width, height, BLACK_OR_WHITE), packed=True)
    rows = _rows(mask[::-1], bitmap.x, height - bitmap.y - bitmap.height, size_wh)
    return Entry(path, bmp(rows, width, height, BLACK_OR_WHITE), bmp_size(width, height, BLACK_OR_WHITE))


def _rows(mask: NDArray[np.bool_], x: int, y: int, size_wh: tuple[int, int]) -> Iterator[Rows]:
    """The rows of an image with this mask at (x, y): bands of rows, eight pixels per byte."""
    width, height = size_wh
    at_once = max(1, _PIXELS_AT_ONCE // width)
    for first in range(0, height, at_once):
        rows = np.zeros((min(at_once, height - first), width), np.bool_)
        visible = mask[max(first - y, 0) : max(first - y + len(rows), 0)]
        begin = max(y - first, 0)
        rows[begin : begin + len(visible), x : x + mask.shape[1]] = visible
        yield np.packbits(rows, axis=1)


def _part(name: str) -> str:
    """The class name as part of a file name."""
    short = _BETWEEN.sub("", folder_name(name)).encode()[:_NAME_BYTES].decode(errors="ignore")
    return short.rstrip("_. ") or "class"
