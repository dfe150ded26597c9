"""Rows `class cx cy w h` relative to the image size, shared by the YOLO formats of Darknet and Ultralytics."""

from collections.abc import Sequence

from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.rows import NOTHING, Rows, axis_aligned_boxes, class_numbers, cut, normalized_cxcywh
from export.dataset.shapes import Shape

# Smaller sides are zero with six decimals.
_SMALLEST = 0.5e-6


def box_rows(labels: Labels, dataset: Dataset, ends: Sequence[str] | None = None) -> Rows:
    """The function that writes the rows of a medium's boxes; `ends` are further values for each object."""
    numbers = class_numbers(labels, dataset)
    ends = ends or [""] * len(numbers)
    templates = [f"{number} %.6f %.6f %.6f %.6f{end}\n" for number, end in zip(numbers, ends, strict=True)]

    def rows(shapes: Sequence[Shape]) -> list[str]:
        boxes = normalized_cxcywh(
            cut(axis_aligned_boxes(shapes), labels.medium, dataset.report), labels.medium
        ).tolist()
        texts = [
            templates[shape.object_index] % (x, y, width, height) if width >= _SMALLEST and height >= _SMALLEST else ""
            for shape, (x, y, width, height) in zip(shapes, boxes, strict=True)
        ]
        dataset.report.add(NOTHING, texts.count(""))
        return texts

    return rows
