"""TFRecord, read back by the public reader, with checksums computed by another library."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.geometry.types import Bitmap, Circle, Part, Polygon
from export.codecs.tfrecord import masked_checksum
from export.dataset.capabilities import Feature
from export.dataset.rows import CUT, NOTHING
from export.formats.tfrecord.format import FORMAT
from tests.export.formats.examples import HOLE, RING
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "TFRecord 1.0"


def test_a_record_has_the_masked_checksum_of_the_standard() -> None:
    checksum = 0xE3069283  # checksum of the digits 1 to 9, as in RFC 3720
    masked = ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF

    assert masked_checksum(b"123456789") == masked.to_bytes(4, "little")


@pytest.mark.validators
def test_the_public_reader_reads_every_frame_with_boxes_masks_and_images(tmp_path: Path) -> None:
    two = Polygon(parts=[Part(outer=RING, holes=[HOLE]), Part(outer=[(x + 100, y) for x, y in RING])])
    objects = [
        labeled("o1", keyframe(0, 64, 48, 128, 240), keyframe(1, 0, 0, 320, 480), keyframe(2, outside=True)),
        labeled("o2", keyframe(0, -10, 0, 320, 48), media_id="m2", category="夜 'x'\n"),
        shape_object("o3", two, media_id="m2"),
    ]
    made = dataset([medium(frames=3), medium("m2", "x/b.png", content_type="image/png")], objects, images=every_frame)

    files = archive(NAME, made)
    result = validated("tfrecord_reader", unpacked(files, tmp_path))

    assert result["valid"]
    first, second, third, image = result["rows"]
    names = [row["image/filename"] for row in result["rows"]]
    assert names == ["a/frame_000000.jpg", "a/frame_000001.jpg", "a/frame_000002.jpg", "x/b.png"]
    assert [row["image/format"] for row in result["rows"]] == ["jpeg", "jpeg", "jpeg", "png"]
    assert (first["image/width"], first["image/height"]) == ([640], [480])
    assert _corners(first) == [pytest.approx([0.1, 0.1, 0.2, 0.5])]
    assert _corners(second) == [pytest.approx([0, 0, 0.5, 1])]
    assert (_corners(third), third["image/object/class/label"]) == ([], [])
    assert base64.b64decode(second["image/encoded"]) == b"m1 1"
    assert len(second["image/key/sha256"]) == 64
    seen = zip(image["image/object/class/label"], _corners(image), image["image/object/mask"], strict=True)
    by_class = {number: [*corners, mask] for number, corners, mask in seen}
    assert by_class[3] == pytest.approx([0, 0, 0.5, 0.1, 0])
    assert by_class[1] == pytest.approx([10 / 640, 10 / 480, 160 / 640, 50 / 480, 3600])
    assert sorted(image["image/object/class/text"]) == ["Vehicle", "夜 'x'\n"]
    assert dropped(made)[CUT] == 1
    assert set(dropped(made)) <= set(FORMAT.losses)


def _corners(row: dict[str, Any]) -> list[list[float]]:
    sides = (row[f"image/object/bbox/{side}"] for side in ("xmin", "ymin", "xmax", "ymax"))
    return [list(corners) for corners in zip(*sides, strict=True)]


def test_the_label_map_names_every_class_from_one() -> None:
    files = archive(NAME, dataset([medium("m1", "a.jpg")], [labeled("o1", category="it's \\ 夜\n\x01")]))

    assert files["label_map.pbtxt"].decode() == (
        "item {\n\tid: 1\n\tname: 'Vehicle'\n}\n\nitem {\n\tid: 2\n\tname: 'Pedestrian'\n}\n\n"
        "item {\n\tid: 3\n\tname: 'it\\'s \\\\ 夜\\n\\001'\n}\n\n"
    )


@pytest.mark.validators
def test_rotated_boxes_become_axis_aligned_and_clipped_shapes_are_counted(tmp_path: Path) -> None:
    objects = [
        labeled("o1", keyframe(0, 100, 100, 140, 120, 90)),
        labeled("o2", keyframe(0, 700, 0, 710, 10)),
        shape_object("o3", Bitmap(x=700, y=0, width=1, height=1, runs=[0, 1])),
        shape_object("o4", Circle(cx=50, cy=50, r=10)),
    ]
    made = dataset([medium("m1", "a.jpg")], objects)

    (row,) = validated("tfrecord_reader", unpacked(archive(NAME, made), tmp_path))["rows"]

    assert pytest.approx([110 / 640, 90 / 480, 130 / 640, 130 / 480]) in _corners(row)
    assert len(_corners(row)) == 2
    assert max(row["image/object/mask"]) == pytest.approx(314, abs=6)
    assert dropped(made)[NOTHING] == 2
    assert dropped(made)[FORMAT.capabilities.changed[Feature.ROTATION]] == 1


def test_each_subset_is_a_file_and_every_frame_a_record() -> None:
    made = dataset([medium(frames=40), medium("m2", "b.jpg")])
    made.media = [replace(each, subset="train" if each.kind == "video" else "val") for each in made.media]

    files = archive(NAME, made)

    assert list(files) == ["train.tfrecord", "val.tfrecord", "label_map.pbtxt"]
    assert len(files["train.tfrecord"]) > 30 * len(files["val.tfrecord"])
