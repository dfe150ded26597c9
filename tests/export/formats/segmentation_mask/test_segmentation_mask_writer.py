"""Segmentation mask 1.1, validated by Datumaro."""

from pathlib import Path

import pytest

from common.contract.missions import Category, Mission
from common.geometry.types import Polyline
from export.dataset.label_maps import HIDDEN
from export.dataset.palette import AS_BACKGROUND, RECOLORED, UNNUMBERED
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.segmentation_mask.format import FORMAT
from tests.export.formats import masked
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object

NAME = FORMAT.name
RED, GREEN = (255, 0, 0), (0, 255, 0)


def test_classes_and_instances_are_painted_the_nearer_over_the_farther() -> None:
    made = dataset(masked.MEDIA, masked.OBJECTS)

    files = archive(NAME, made)

    frames = ("a/frame_000000", "a/frame_000001", "dir/b c")
    masks = [f"Segmentation{kind}/{frame}.png" for frame in frames for kind in ("Class", "Object")]
    assert list(files) == [*masks, "ImageSets/Segmentation/default.txt", "labelmap.txt"]
    classes = masked.decoded(files["SegmentationClass/a/frame_000000.png"])
    assert classes.shape == (48, 64, 3)
    assert masked.pixel_counts(classes) == {GREEN: masked.BOX_PIXELS, RED: masked.POLYGON_PIXELS}
    instances = masked.decoded(files["SegmentationObject/a/frame_000000.png"])
    assert masked.pixel_counts(instances) == {(128, 0, 0): masked.BOX_PIXELS, (0, 128, 0): masked.POLYGON_PIXELS}
    assert masked.pixel_counts(masked.decoded(files["SegmentationObject/a/frame_000001.png"])) == {
        (128, 0, 0): masked.POLYGON_PIXELS
    }
    assert files["ImageSets/Segmentation/default.txt"] == b"a/frame_000000\na/frame_000001\ndir/b c\nempty\n"
    assert files["labelmap.txt"] == (
        b"# label:color_rgb:parts:actions\nbackground:0,0,0::\nVehicle:255,0,0::\nPedestrian:0,255,0::\n"
    )


@pytest.mark.validators
def test_datumaro_finds_every_shape(tmp_path: Path) -> None:
    read = masked.read_by_datumaro(archive(NAME, dataset(masked.MEDIA, masked.OBJECTS)), "voc_segmentation", tmp_path)

    masked.assert_every_class_found(read)


@pytest.mark.validators
def test_datumaro_reads_more_shapes_than_there_are_colours_and_they_are_counted(tmp_path: Path) -> None:
    made = dataset([medium("m1", "a.jpg")], masked.dots(300))

    read = masked.read_by_datumaro(archive(NAME, made), "voc_segmentation", tmp_path)

    (item,) = read["items"].values()
    assert sum(each[2] == 1 for each in item) == 254
    assert dropped(made)[UNNUMBERED] == 300 - 254
    assert UNNUMBERED in FORMAT.losses


@pytest.mark.validators
def test_datumaro_reads_hostile_names(tmp_path: Path) -> None:
    names = ["# a:b", "夜 車", "x\ny", "x y", " background "]
    mission = Mission(
        id="hostile",
        name="Hostile",
        categories=[Category(name=name, color="#ffffff" if number else "#000000") for number, name in enumerate(names)],
    )
    objects = [shape_object("p", Polyline(points=[(0, 0), (1, 1)])), labeled("o", mission="hostile", category="夜 車")]
    made = dataset([medium("m1", "a.jpg")], objects, [mission])

    read = masked.read_by_datumaro(archive(NAME, made), "voc_segmentation", tmp_path)

    assert read["labels"] == ["background", "_ a_b", "夜 車", "x y", "x y_2", "background_2"]
    assert [each[0] for each in read["items"]["a"] if each[0] != "background"] == ["夜 車"]
    assert dropped(made) == {"lost_polyline": 1, REPLACED: 4, RECOLORED: 4, "boxes_as_masks": 1}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_hidden_shapes_are_counted() -> None:
    objects = [
        labeled("o1", keyframe(0, 5, 5, 10, 10)),
        labeled("o2", keyframe(0, 0, 0, 20, 20), z_order=1),
        labeled("o3", keyframe(0, 700, 0, 720, 20)),
        labeled("o4", keyframe(0, 50, 50, 60, 60), category="background"),
    ]
    made = dataset([medium("m1", "a.jpg")], objects)

    files = archive(NAME, made)

    assert masked.pixel_counts(masked.decoded(files["SegmentationClass/a.png"])) == {RED: 400}
    assert dropped(made) == {HIDDEN: 1, NOTHING: 1, AS_BACKGROUND: 1, "boxes_as_masks": 4}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_images_are_stored_and_frames_are_listed_without_labels() -> None:
    files = archive(NAME, dataset(masked.MEDIA, images=every_frame))

    assert files["JPEGImages/dir/b c.jpg"] == b"m2 0"
    assert not any(path.startswith("SegmentationClass") for path in files)
    assert files["ImageSets/Segmentation/default.txt"].count(b"\n") == 4
