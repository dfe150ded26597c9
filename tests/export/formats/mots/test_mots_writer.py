"""MOTS PNG 1.0, validated by Datumaro."""

from pathlib import Path

import pytest

from export.formats.mots.format import FORMAT
from export.formats.mots.writer import UNNUMBERED
from tests.export.formats import masked
from tests.export.made import archive, dataset, dropped, every_frame, medium

NAME = FORMAT.name


def test_an_object_has_its_number_on_every_frame() -> None:
    made = dataset(masked.MEDIA, masked.OBJECTS)

    files = archive(NAME, made)

    paths = ("a/frame_000000.png", "a/frame_000001.png", "dir/b c.png", "labels.txt")
    assert list(files) == [f"default/instances/{path}" for path in paths]
    first, second = (masked.decoded(files[f"default/instances/a/frame_00000{frame}.png"]) for frame in (0, 1))
    assert first.dtype == "uint16"
    assert masked.pixel_counts(first) == {2001: masked.BOX_PIXELS, 1002: masked.POLYGON_PIXELS}
    assert masked.pixel_counts(second) == {1002: masked.POLYGON_PIXELS}
    assert files["default/instances/labels.txt"] == b"Vehicle\nPedestrian\n"
    assert "lost_tracks" not in dropped(made)


@pytest.mark.validators
def test_datumaro_finds_every_object(tmp_path: Path) -> None:
    read = masked.read_by_datumaro(archive(NAME, dataset(masked.MEDIA, masked.OBJECTS)), "mots", tmp_path)

    assert read["labels"] == ["Vehicle", "Pedestrian"]
    result = {
        item: {shape[0]: [shape[2], shape[4]["track_id"]] for shape in its} for item, its in read["items"].items()
    }
    assert result == {
        "a/frame_000000": {"Vehicle": [masked.POLYGON_PIXELS, 2], "Pedestrian": [masked.BOX_PIXELS, 1]},
        "a/frame_000001": {"Vehicle": [masked.POLYGON_PIXELS, 2]},
        "dir/b c": {"Vehicle": [masked.CIRCLE_PIXELS, 1]},
    }


def test_more_objects_than_there_are_numbers_for_are_counted_and_never_wrap() -> None:
    made = dataset([medium("m1", "a.jpg")], masked.dots(1003))

    files = archive(NAME, made)

    assert masked.pixel_counts(masked.decoded(files["default/instances/a.png"])) == {
        1000 + number: 1 for number in range(1, 1000)
    }
    assert dropped(made) == {UNNUMBERED: 4}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_more_classes_than_there_are_numbers_for_are_counted_and_never_wrap() -> None:
    objects = [dot.model_copy(update={"category": f"c{number}"}) for number, dot in enumerate(masked.dots(70))]
    made = dataset([medium("m1", "a.jpg")], objects, [])

    files = archive(NAME, made)

    assert max(masked.pixel_counts(masked.decoded(files["default/instances/a.png"]))) < 66_000
    assert len(masked.pixel_counts(masked.decoded(files["default/instances/a.png"]))) == 65
    assert dropped(made) == {UNNUMBERED: 5}


def test_images_are_stored_in_their_folder_and_classes_are_listed_without_labels() -> None:
    files = archive(NAME, dataset(masked.MEDIA, images=every_frame))

    assert files["default/images/dir/b c.jpg"] == b"m2 0"
    assert not any(path.endswith(".png") for path in files)
    assert files["default/instances/labels.txt"] == b"Vehicle\nPedestrian\n"
