"""MOT 1.1: the boxes of tracks as rows of numbers, one sequence a medium.

    gt/gt.txt          frame,track,x,y,w,h,confidence,class,visibility
    gt/labels.txt      the classes, one a line
    seqinfo.ini        length, rate and size of the sequence
    img1/000001.jpg    with pictures

Several media lie in a folder each, called as the medium, below that of its subset if there are several. Frames, tracks
and classes count from 1, tracks anew in each sequence; boxes of an image are no tracks: -1. `confidence` is 0 if an
attribute `ignored` is true and else 1; `visibility` is the attribute of that name, or else 0 for what is occluded and 1
for what is not. Boxes may reach beyond the picture.
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

FLAT = "lost_flat_boxes"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    folders = _folders(dataset.media)
    names = ClassNames(dataset.report, one_line)
    for labels in dataset.labels():
        folder = folders[labels.medium.id]
        yield Entry.of(f"{folder}seqinfo.ini", _sequence(labels.medium).encode())
        yield Entry(f"{folder}gt/gt.txt", _ground_truth(labels, dataset))
        # Classes that only objects name appear on the way: a list has those up to here, and numbers stay.
        classes = [names.of(known.name) for known in dataset.classes.all()]
        yield Entry.of(f"{folder}gt/labels.txt", "\n".join(classes).encode())
    for medium, picture in dataset.images():
        name = f"{folders[medium.id]}img1/{picture.frame + 1:06d}{_suffix(medium)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _folders(media: Sequence[ExportMedium]) -> dict[str, str]:
    """By a medium's id, the folder of its sequence."""
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
    # Readers take all numbers for whole ones, also the rate.
    told = {
        "name": _name(medium),
        "imDir": "img1",
        "frameRate": max(1, round(medium.fps)),
        "seqLength": medium.frame_count,
        "imWidth": medium.width,
        "imHeight": medium.height,
        "imExt": _suffix(medium),
    }
    return "[Sequence]\n" + "".join(f"{name}={value}\n" for name, value in told.items())


def _ground_truth(labels: Labels, dataset: Dataset) -> Iterator[bytes]:
    for _, text in by_frame(labels, _rows(labels, dataset)):
        if text:
            yield text.encode()


def _rows(labels: Labels, dataset: Dataset) -> Rows:
    is_video = labels.medium.kind == "video"
    numbers = class_numbers(labels, dataset)
    forms = [
        f"%d,{index + 1 if is_video else -1},%.2f,%.2f,%.2f,%.2f,%d,{number + 1},%s\n"
        for index, number in enumerate(numbers)
    ]

    def rows(shapes: Sequence[Shape]) -> list[str]:
        boxes = axis_aligned_boxes(shapes)
        boxes[:, 2:] -= boxes[:, :2]
        # Adding 0 makes 0 of -0.
        boxes = boxes.round(2) + 0.0
        found = [
            forms[shape.object_index] % (shape.frame + 1, x, y, width, height, *_told(shape))
            if width and height
            else ""
            for shape, (x, y, width, height) in zip(shapes, boxes.tolist(), strict=True)
        ]
        labels.report.add(FLAT, found.count(""))
        return found

    return rows


def _told(shape: Shape) -> tuple[int, str]:
    """The confidence and the visibility."""
    attributes = shape.attributes
    visibility = attributes.get("visibility") if attributes else None
    if isinstance(visibility, int | float) and not isinstance(visibility, bool) and 0 <= visibility <= 1:
        visible = f"{visibility:.10g}"
    else:
        visible = "0" if shape.occluded else "1"
    return int(attributes.get("ignored") is not True), visible
