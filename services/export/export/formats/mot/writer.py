"""MOT 1.1: the boxes of tracks as rows of numbers, one sequence per medium.

    gt/gt.txt          frame,track,x,y,w,h,confidence,class,visibility
    gt/labels.txt      the classes, one per line
    seqinfo.ini        length, rate and size of the sequence
    img1/000001.jpg

Several media are in one folder each, named after the medium, below their subset if there are several. Frames, tracks
and classes count from 1, tracks per sequence; boxes of an image have track -1. `confidence` is 0 if the attribute
`ignored` is true, else 1; `visibility` is the attribute of that name, or else 0 for occluded boxes and 1 for others.
Boxes may exceed the image.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import Rows, axis_aligned_boxes, by_frame, class_numbers
from export.dataset.safe_names import Names
from export.dataset.shapes import Shape
from export.dataset.texts import ClassNames, one_line
from export.formats.image_entries import image_entries

FLAT = "lost_flat_boxes"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    folders = _folders(dataset.media)
    names = ClassNames(dataset.report, one_line)
    for labels in dataset.labels():
        folder = folders[labels.medium.id]
        yield Entry.of(f"{folder}seqinfo.ini", _sequence(labels.medium).encode())
        yield Entry(f"{folder}gt/gt.txt", _ground_truth(labels, dataset))
        # Undeclared classes are appended as objects use them, so a list has those seen so far; numbers never change.
        classes = [names.of(label_class.name) for label_class in dataset.classes.all()]
        yield Entry.of(f"{folder}gt/labels.txt", "\n".join(classes).encode())
    yield from image_entries(
        dataset, lambda medium, frame: f"{folders[medium.id]}img1/{frame + 1:06d}{_suffix(medium)}"
    )


def _folders(media: Sequence[ExportMedium]) -> dict[str, str]:
    """The folder of each sequence, by medium id."""
    if len(media) == 1:
        return {media[0].id: ""}
    names = Names()
    return {medium.id: f"{names.folder(_subset(medium) + _name(medium))}/" for medium in media}


def _subset(medium: ExportMedium) -> str:
    return "" if medium.subset == "default" else f"{medium.subset}/"


def _name(medium: ExportMedium) -> str:
    return medium.folder or str(PurePosixPath(medium.path).with_suffix(""))


def _suffix(medium: ExportMedium) -> str:
    return ".jpg" if medium.kind == "video" else PurePosixPath(medium.path).suffix


def _sequence(medium: ExportMedium) -> str:
    # Readers parse all numbers as integers, even the frame rate.
    settings = {
        "name": _name(medium),
        "imDir": "img1",
        "frameRate": max(1, round(medium.fps)),
        "seqLength": medium.frame_count,
        "imWidth": medium.width,
        "imHeight": medium.height,
        "imExt": _suffix(medium),
    }
    return "[Sequence]\n" + "".join(f"{name}={value}\n" for name, value in settings.items())


def _ground_truth(labels: Labels, dataset: Dataset) -> Iterator[bytes]:
    for _, text in by_frame(labels, _rows(labels, dataset)):
        if text:
            yield text.encode()


def _rows(labels: Labels, dataset: Dataset) -> Rows:
    is_video = labels.medium.kind == "video"
    numbers = class_numbers(labels, dataset)
    templates = [
        f"%d,{index + 1 if is_video else -1},%.2f,%.2f,%.2f,%.2f,%d,{number + 1},%s\n"
        for index, number in enumerate(numbers)
    ]

    def rows(shapes: Sequence[Shape]) -> list[str]:
        boxes = axis_aligned_boxes(shapes)
        boxes[:, 2:] -= boxes[:, :2]
        # Adding 0.0 turns -0.0 into 0.0.
        boxes = boxes.round(2) + 0.0
        texts = [
            templates[shape.object_index] % (shape.frame + 1, x, y, width, height, *_confidence_and_visibility(shape))
            if width and height
            else ""
            for shape, (x, y, width, height) in zip(shapes, boxes.tolist(), strict=True)
        ]
        labels.report.add(FLAT, texts.count(""))
        return texts

    return rows


def _confidence_and_visibility(shape: Shape) -> tuple[int, str]:
    """The confidence and the visibility of a box."""
    attributes = shape.attributes
    visibility = attributes.get("visibility") if attributes else None
    if isinstance(visibility, int | float) and not isinstance(visibility, bool) and 0 <= visibility <= 1:
        visible = f"{visibility:.10g}"
    else:
        visible = "0" if shape.occluded else "1"
    return int(attributes.get("ignored") is not True), visible
