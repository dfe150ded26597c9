"""KITTI 1.0, validated by Datumaro."""

from pathlib import Path

import pytest

from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.palette import UNNUMBERED
from export.dataset.texts import REPLACED
from export.formats.kitti.format import FORMAT
from export.formats.kitti.writer import MASK_PROPERTIES, ROTATED
from tests.export.formats import masked
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object

NAME = FORMAT.name
FRAME = "a/frame_000000"


def test_boxes_are_rows_and_other_areas_are_pixels() -> None:
    files = archive(NAME, dataset(masked.MEDIA, masked.OBJECTS))

    assert list(files) == [
        f"default/label_2/{FRAME}.txt",
        f"default/instance/{FRAME}.png",
        f"default/semantic/{FRAME}.png",
        f"default/semantic_rgb/{FRAME}.png",
        *(f"default/{kind}/a/frame_000001.png" for kind in ("instance", "semantic", "semantic_rgb")),
        *(f"default/{kind}/dir/b c.png" for kind in ("instance", "semantic", "semantic_rgb")),
        "label_colors.txt",
    ]
    assert files[f"default/label_2/{FRAME}.txt"] == (
        b"Pedestrian 0.0 0 -1 0.00 0.00 20.00 20.00 -1 -1 -1 -1 -1 -1 -1 1.0\n"
    )
    assert files["label_colors.txt"] == b"0 0 0 background\n255 0 0 Vehicle\n0 255 0 Pedestrian\n"
    assert masked.pixel_counts(masked.decoded(files[f"default/instance/{FRAME}.png"])) == {
        256 + 1: masked.POLYGON_PIXELS
    }
    assert masked.pixel_counts(masked.decoded(files[f"default/semantic/{FRAME}.png"])) == {1: masked.POLYGON_PIXELS}
    assert masked.pixel_counts(masked.decoded(files[f"default/semantic_rgb/{FRAME}.png"])) == {
        (255, 0, 0): masked.POLYGON_PIXELS
    }
    assert masked.decoded(files[f"default/semantic/{FRAME}.png"]).dtype == "uint16"


def test_a_row_has_truncation_occlusion_and_score() -> None:
    backwards = keyframe(0, 30, 20, 10.123, 5, score=0.5, occluded=True)
    result = labeled("o1", backwards, attributes={"truncated": True, "mood": "happy"})
    made = dataset([medium("m1", "a.jpg")], [result])

    files = archive(NAME, made)

    assert files["default/label_2/a.txt"] == (b"Vehicle 1.0 1 -1 10.12 5.00 30.00 20.00 -1 -1 -1 -1 -1 -1 -1 0.5\n")
    assert dropped(made) == {OTHER_ATTRIBUTES: 1}


@pytest.mark.validators
def test_datumaro_reads_boxes(tmp_path: Path) -> None:
    objects = [labeled("o1", keyframe(0, 1, 2, 31.5, 42), keyframe(1, 1, 2, 31.5, 42, occluded=True), category="a b")]
    made = dataset([medium(frames=2)], objects)

    read = masked.read_by_datumaro(archive(NAME, made), "kitti_detection", tmp_path)

    attributes = {"truncated": False, "occluded": False, "score": 1.0}
    assert read["items"] == {
        "a/frame_000000": [["a_b", "bbox", None, [1.0, 2.0, 30.5, 40.0], attributes]],
        "a/frame_000001": [["a_b", "bbox", None, [1.0, 2.0, 30.5, 40.0], attributes | {"occluded": True}]],
    }
    assert dropped(made) == {REPLACED: 1, "lost_tracks": 1}


@pytest.mark.validators
def test_datumaro_reads_masks(tmp_path: Path) -> None:
    read = masked.read_by_datumaro(archive(NAME, dataset(masked.MEDIA, masked.OBJECTS)), "kitti_segmentation", tmp_path)

    assert read["labels"] == ["background", "Vehicle", "Pedestrian"]
    result = {
        item: {shape[0]: shape[2] for shape in its if shape[0] != "background"} for item, its in read["items"].items()
    }
    assert result == {
        "a/frame_000000": {"Vehicle": masked.POLYGON_PIXELS},
        "a/frame_000001": {"Vehicle": masked.POLYGON_PIXELS},
        "dir/b c": {"Vehicle": masked.CIRCLE_PIXELS},
    }


def test_rotated_boxes_are_masks_and_their_lost_properties_are_counted() -> None:
    turned = labeled("o1", keyframe(0, 10, 20, 30, 24, 90, occluded=True))
    made = dataset([medium("m1", "a.jpg")], [turned])

    files = archive(NAME, made)

    assert masked.pixel_counts(masked.decoded(files["default/instance/a.png"])) == {257: 80}
    assert dropped(made) == {ROTATED: 1, MASK_PROPERTIES: 1}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_more_shapes_than_eight_bits_number_are_counted_and_keep_their_class() -> None:
    made = dataset([medium("m1", "a.jpg")], masked.dots(260))

    files = archive(NAME, made)

    numbers = masked.pixel_counts(masked.decoded(files["default/instance/a.png"]))
    assert numbers == {256 + place: 1 for place in range(1, 256)} | {256: 5}
    assert masked.pixel_counts(masked.decoded(files["default/semantic/a.png"])) == {1: 260}
    assert dropped(made) == {UNNUMBERED: 5}


def test_classes_beyond_eight_bits_are_counted_and_never_mistaken_for_others() -> None:
    objects = [dot.model_copy(update={"category": f"c{number}"}) for number, dot in enumerate(masked.dots(300))]
    made = dataset([medium("m1", "a.jpg")], objects, [])

    files = archive(NAME, made)

    classes = {number >> 8 for number in masked.pixel_counts(masked.decoded(files["default/instance/a.png"]))}
    assert classes == set(range(1, 256))
    assert masked.pixel_counts(masked.decoded(files["default/semantic/a.png"])) == dict.fromkeys(range(1, 301), 1)
    assert dropped(made) == {UNNUMBERED: 300 - 255}


def test_images_are_stored_in_their_folder() -> None:
    files = archive(
        NAME, dataset(masked.MEDIA, [shape_object("o", masked.OBJECTS[1].keyframes[0].geometry)], images=every_frame)
    )

    assert files["default/image_2/dir/b c.jpg"] == b"m2 0"
    assert files["default/image_2/a/frame_000001.jpg"] == b"m1 1"
