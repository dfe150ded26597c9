"""PASCAL VOC 1.1: an XML file of boxes per frame, masks of areas, and image lists.

    Annotations/<frame>.xml                  boxes
    SegmentationClass/<frame>.png            areas in class colors, for frames that have any
    SegmentationObject/<frame>.png           areas in instance colors
    ImageSets/Main/<subset>.txt              every frame
    ImageSets/Main/<class>_<subset>.txt      the labeled frames: 1 with this label, else -1
    ImageSets/Segmentation/<subset>.txt      the frames with areas
    JPEGImages/<frame>.jpg
    labelmap.txt                             classes and colors; last, because objects may have undeclared classes

Coordinates have two decimals and start at 0: boxes are not rounded to whole pixels. A rotated box is its unrotated box
with the attribute `rotation`; tracks are the attributes `track_id` and `keyframe`, the type of a category is `type`.
Boolean attributes `truncated` and `difficult` are also written as VOC's own elements.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.known_attributes import truth
from export.dataset.label_maps import rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.palette import Paint, Palette
from export.dataset.shapes import Shape
from export.dataset.texts import ClassNames, folder_name, in_batches
from export.dataset.xml_text import value_text, xml_text
from export.formats.image_entries import image_entries
from export.formats.pascal_voc.files import label_field, label_map_lines, masks

TAG_ATTRIBUTES = "lost_label_attributes_and_types"
BUILT_IN = frozenset({"type", "occluded", "rotation", "track_id", "keyframe"})
AREAS = {
    "polygon": "polygons_as_plain_masks",
    "bitmap": "bitmaps_without_attributes",
    "circle": "circles_as_plain_masks",
    "ellipse": "ellipses_as_plain_masks",
}
_REMEMBERED = 4096
_UNKNOWN = "<source><database>Unknown</database><annotation>Unknown</annotation><image>Unknown</image></source>"
_CORNERS = "<bndbox><xmin>%.2f</xmin><ymin>%.2f</ymin><xmax>%.2f</xmax><ymax>%.2f</ymax></bndbox>"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette, tags = ImageIds(dataset.media, dataset.report), Palette(dataset, label_field), Tags(dataset)
    first_track, tagged = 0, dict[int, str]()
    for subset, part in dataset.subsets():
        with_areas = Spool()
        for labels in part.labels():
            yield from _Frames(labels, ids, palette, with_areas, first_track).entries()
            first_track += len(labels.objects)
            tags.add(labels)
            tagged |= _tagged(labels, dataset, palette)
        frames = (f"{ids.of(medium, frame)}\n" for medium in part.media for frame in medium.frames)
        yield Entry(f"ImageSets/Main/{subset}.txt", in_batches(frames))
        if with_areas.size_bytes:
            yield Entry(f"ImageSets/Segmentation/{subset}.txt", with_areas.chunks(), with_areas.size_bytes)
    yield from _tag_lists(dataset, tags, tagged, ids)
    yield Entry("labelmap.txt", in_batches(label_map_lines(palette)))
    yield from image_entries(dataset, lambda medium, frame: f"JPEGImages/{ids.file(medium, frame)}")


class _Frames:
    """Writes the files of one medium."""

    def __init__(self, labels: Labels, ids: ImageIds, palette: Palette, with_areas: Spool, first_track: int) -> None:
        self._labels = labels
        self._report = labels.report
        self._ids = ids
        self._paints: list[Paint] = palette.of(labels)
        self._with_areas = with_areas
        self._first_track = first_track
        self._is_video = labels.medium.kind == "video"
        self._boxes: dict[Any, str] = {}

    def entries(self) -> Iterator[Entry]:
        """The files of all frames."""
        medium = self._labels.medium
        for frame in self._labels.frames():
            item = self._ids.of(medium, frame.number)
            boxes = [self._box(shape) % shape[8][:4] for shape in frame.shapes if type(shape[8]) is tuple]
            has_areas = False
            if len(boxes) < len(frame.shapes):
                areas = [shape for shape in frame.shapes if type(shape[8]) is not tuple]
                label_map = rasterize_shapes(areas, medium, self._report)
                has_areas = label_map is not None
                if label_map is not None:
                    self._with_areas.write(f"{item}\n".encode())
                    yield from masks(label_map, item, self._paints, self._report)
            head = self._head(frame.number, has_areas=has_areas)
            content = f"{head}{''.join(boxes)}</annotation>\n".encode()
            yield Entry.of(f"Annotations/{item}.xml", content)

    def _head(self, frame: int, *, has_areas: bool) -> str:
        medium = self._labels.medium
        name = xml_text(self._ids.file(medium, frame), self._report)
        size = f"<width>{medium.width}</width><height>{medium.height}</height><depth>3</depth>"
        return (
            f"<annotation>\n<folder>JPEGImages</folder>\n<filename>{name}</filename>\n{_UNKNOWN}\n"
            f"<size>{size}</size>\n<segmented>{int(has_areas)}</segmented>\n"
        )

    def _box(self, shape: Shape) -> str:
        """The element of a box, with placeholders for its corners; cached, because most boxes repeat it on many
        frames."""
        key = shape[1], id(shape[7]), shape[3], shape[4], shape[8][4]  # type: ignore[index]
        template = self._boxes.get(key)
        if template is None:
            if len(self._boxes) >= _REMEMBERED:
                self._boxes.clear()
            template = self._boxes[key] = self._make_box(shape)
        return template

    def _make_box(self, shape: Shape) -> str:
        attributes = {name: _text_value(value) for name, value in shape.attributes.items() if name not in BUILT_IN}
        flags = "".join(
            f"<{name}>{int(truth(shape.attributes.get(name)) or False)}</{name}>" for name in ("truncated", "difficult")
        )
        attributes |= {"type": shape.object.type} if shape.object.type is not None else {}
        rotation = shape.geometry[4] if isinstance(shape.geometry, tuple) else 0.0
        attributes |= {"rotation": f"{rotation:.2f}"} if rotation else {}
        if self._is_video:
            attributes |= {"track_id": str(self._first_track + shape.object_index), "keyframe": str(shape.is_key)}
        rows = "".join(
            f"<attribute><name>{self._text(name)}</name><value>{self._text(value)}</value></attribute>\n"
            for name, value in attributes.items()
        )
        attributes_element = f"<attributes>\n{rows}</attributes>\n" if rows else ""
        name = self._text(self._paints[shape.object_index].name)
        before = f"<object>\n<name>{name}</name>\n{flags}<occluded>{int(shape.occluded)}</occluded>\n"
        after = f"\n{attributes_element}</object>\n"
        return before.replace("%", "%%") + _CORNERS + after.replace("%", "%%")

    def _text(self, value: str) -> str:
        return xml_text(value, self._report)


def _text_value(value: Any) -> str:
    return str(value) if isinstance(value, bool) else value_text(value)


def _tagged(labels: Labels, dataset: Dataset, palette: Palette) -> dict[int, str]:
    """The class names of a medium's labels by number; reports what these labels lose."""
    objects = [label.object for label in labels.medium_labels]
    numbers = [dataset.classes.of(label_object.category, label_object.mission).number for label_object in objects]
    paints = palette.of(replace(labels, objects=objects))
    for label, label_object in zip(labels.medium_labels, objects, strict=True):
        is_lossy = (
            label_object.type is not None
            or label_object.attributes
            or any(keyframe.attributes for keyframe in label.keyframes)
        )
        labels.report.add(TAG_ATTRIBUTES, bool(is_lossy))
    return {number: paint.name for number, paint in zip(numbers, paints, strict=True)}


def _tag_lists(dataset: Dataset, tags: Tags, tagged: dict[int, str], ids: ImageIds) -> Iterator[Entry]:
    """The image lists: for each label, whether each labeled frame has it."""
    names = ClassNames(dataset.report, folder_name, folders=True)
    for number, label in sorted(tagged.items()):
        for subset, part in dataset.subsets():
            if any(tag.number == number for medium in part.media for tag in tags.of(medium)):
                lines = _tag_lines(part, tags, ids, number)
                yield Entry(f"ImageSets/Main/{names.of(label)}_{subset}.txt", in_batches(lines))


def _tag_lines(part: Dataset, tags: Tags, ids: ImageIds, number: int) -> Iterator[str]:
    for medium in part.media:
        if tags.of(medium):
            for frame in medium.frames:
                if frame_tags := tags.on(medium, frame):
                    yield f"{ids.of(medium, frame)} {1 if any(tag.number == number for tag in frame_tags) else -1:2}\n"
