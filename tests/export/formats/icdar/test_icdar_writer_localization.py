"""ICDAR Localization 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag, Part, Polygon
from export.dataset.capabilities import Feature
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.icdar import format as icdar_format
from export.formats.icdar.format import LOCALIZATION
from export.formats.icdar.writer_localization import CLASSES
from tests.export.formats.examples import RING
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "ICDAR Localization 1.0"
TEXTS = Mission(id="t", name="Texts", categories=[Category(name="icdar", color="#000000")])
WORDS: dict[str, Any] = {"mission": "t", "category": "icdar"}


def test_every_frame_has_a_file_with_a_line_for_each_text() -> None:
    media = [medium("m1", "a.mp4", 2), medium("m2", "dir/b c.jpg")]
    result = [
        labeled(
            "o1", keyframe(0, 0.004, 0, 10.126, 5, attributes={"text": "STOP"}), keyframe(1, outside=True), **WORDS
        ),
        labeled("o2", keyframe(0, 0, 0, 10, 20, 90), media_id="m2", attributes={"text": ""}, **WORDS),
        shape_object("o3", Polygon(parts=[Part(outer=RING)]), media_id="m2", z_order=1, **WORDS),
        shape_object(
            "o4", Polygon(parts=[Part(outer=RING[:3])]), media_id="m2", z_order=2, attributes={"text": 7.0}, **WORDS
        ),
    ]

    files = archive(NAME, dataset(media, result, [TEXTS]))

    assert files == {
        "default/a/gt_frame_000000.txt": b'0.00 0.00 10.13 5.00 "STOP"\n',
        "default/a/gt_frame_000001.txt": b"",
        "default/dir/gt_b c.txt": b'15.00,5.00,15.00,15.00,-5.00,15.00,-5.00,5.00,""\n'
        b"10.00,10.00,60.00,10.00,60.00,50.00,10.00,50.00\n"
        b'10.00,10.00,60.00,10.00,60.00,50.00,60.00,50.00,"7"\n',
    }


@pytest.mark.validators
def test_datumaro_reads_each_text(tmp_path: Path) -> None:
    texts = ["STOP", "two words", "comma, blank", "1,2,3", "夜 🌙", "it's", "back\\slash", "#x", ""]
    polygon = Polygon(parts=[Part(outer=RING)])
    media = [medium(f"m{at}", f"dir {at}/x y.jpg") for at in range(len(texts))]
    result = []
    for at, text in enumerate(texts):
        more: dict[str, Any] = {"media_id": f"m{at}", "attributes": {"text": text}, **WORDS}
        result += [labeled(f"o{at}", **more), shape_object(f"p{at}", polygon, z_order=1, **more)]

    made = dataset([*media, medium("m9", "empty.jpg")], result, [TEXTS])
    read = validated("named_by_folder", unpacked(archive(NAME, made), tmp_path / "icdar_text_localization"))

    for at, text in enumerate(texts):
        box, area = read["items"][f"dir {at}/x y"]["annotations"]
        assert box["box"] == [10, 20, 20, 40]
        assert area["points"] == [10, 10, 60, 10, 60, 50, 10, 50]
        assert box["attributes"].get("text", "") == area["attributes"].get("text", "") == text
    assert read["items"]["empty"]["annotations"] == []
    assert list(dropped(made)) == [Feature.Z_ORDER.loss]


def test_unsupported_content_is_reported_as_lost() -> None:
    parts = [Part(outer=RING, holes=[RING]), Part(outer=RING)]
    result = [
        labeled("o1", keyframe(0, 0, 0, 9, 9, 45), attributes={"text": 'say "it"\nnow', "color": "red"}),
        shape_object("o2", Polygon(parts=parts), **WORDS),
        shape_object("o3", Polygon(parts=[Part(outer=RING[:2])]), **WORDS),
        shape_object("o4", ImageTag(), **WORDS),
    ]

    made = dataset([medium("m1", "x.jpg")], result, [TEXTS])
    files = archive(NAME, made)

    assert b"\"say 'it' now\"" in files["default/gt_x.txt"]
    assert dropped(made) == {
        CLASSES: 1,
        OTHER_ATTRIBUTES: 1,
        REPLACED: 1,
        NOTHING: 1,
        "lost_holes": 1,
        "lost_label": 1,
        **dict.fromkeys(LOCALIZATION.capabilities.changed.values(), 1),
    }
    assert set(dropped(made)) <= set(icdar_format.LOCALIZATION.losses)


@pytest.mark.validators
def test_images_are_stored_in_the_same_subset(tmp_path: Path) -> None:
    made = dataset([medium("m1", "a.mp4", 1), medium("m2", "dir/b.jpg")], images=every_frame)
    made.media = [replace(each, subset="val" if each.kind == "video" else "train") for each in made.media]

    files = archive(NAME, made)

    texts, images = list(files)[:2], list(files)[2:]
    assert texts == ["train/dir/gt_b.txt", "val/a/gt_frame_000000.txt"]
    assert images == ["val/images/a/frame_000000.jpg", "train/images/dir/b.jpg"]
    read = validated("named_by_folder", unpacked(files, tmp_path / "icdar_text_localization"))
    assert read["items"]["dir/b"]["path"] == "train/images/dir/b.jpg"
