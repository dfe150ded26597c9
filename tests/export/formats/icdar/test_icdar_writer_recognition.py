"""ICDAR Recognition 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.labels import Keyframe
from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.texts import REPLACED
from export.formats.icdar import format as icdar_format
from export.formats.icdar.format import RECOGNITION
from export.formats.icdar.writer_localization import CLASSES
from export.formats.icdar.writer_recognition import TEXTLESS
from tests.export.made import archive, dataset, dropped, every_frame, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "ICDAR Recognition 1.0"
TEXTS = Mission(id="t", name="Texts", categories=[Category(name="icdar", color="#000000")])
WORDS: dict[str, Any] = {"mission": "t", "category": "icdar"}


def test_every_image_has_a_line_for_each_of_its_texts() -> None:
    media = [medium("m1", "a.mp4", 3), medium("m2", "b c.png", content_type="image/png")]
    keyframes = [
        Keyframe(frame=at, geometry=ImageTag(), attributes={"text": text}) for at, text in [(1, "one"), (2, "two")]
    ]
    result = [
        labeled("t1", *keyframes, annotation_type="label", **WORDS),
        shape_object("t2", ImageTag(), media_id="m2", attributes={"text": 'A "B", C\\D'}, **WORDS),
        labeled("o1", media_id="m2", attributes={"text": "box"}, **WORDS),
    ]

    made = dataset(media, result, [TEXTS])

    assert archive(NAME, made) == {
        "default/gt.txt": b'a/frame_000000.jpg, \na/frame_000001.jpg, "one"\na/frame_000002.jpg, "two"\n'
        b'b c.png, "A \\"B\\",\\ C\\\\D"\nb c.png, "box"\n'
    }
    assert dropped(made) == {RECOGNITION.capabilities.changed["bbox"]: 1}


@pytest.mark.validators
def test_datumaro_reads_each_text(tmp_path: Path) -> None:
    texts = ["STOP", "two words", "comma, blank", 'say "it", now', "夜 🌙", '"', "a,b", ", ", "#", ""]
    media = [medium(f"m{at}", f"dir {at}/x.jpg") for at in range(len(texts))]
    words = [
        shape_object(f"t{at}", ImageTag(), media_id=f"m{at}", attributes={"text": text}, **WORDS)
        for at, text in enumerate(texts)
    ]

    made = dataset([*media, medium("n", "none, here.jpg")], words, [TEXTS])
    read = validated("named_by_folder", unpacked(archive(NAME, made), tmp_path / "icdar_word_recognition"))

    for at, text in enumerate(texts):
        assert [annotation["text"] for annotation in read["items"][f"dir {at}/x"]["annotations"]] == [text]
    assert read["items"]["none,_here"]["annotations"] == []
    assert dropped(made) == {REPLACED: 1}


def test_unsupported_content_is_reported_as_lost() -> None:
    result = [
        shape_object("t1", ImageTag(), attributes={"text": "two\nlines", "color": "red"}),
        shape_object("t2", ImageTag(), **WORDS),
        labeled("o1", **WORDS),
    ]

    made = dataset([medium("m1", "x.jpg")], result, [TEXTS])
    files = archive(NAME, made)

    assert files["default/gt.txt"] == b'x.jpg, "two lines"\n'
    assert dropped(made) == {
        CLASSES: 1,
        OTHER_ATTRIBUTES: 1,
        REPLACED: 1,
        TEXTLESS: 2,
        RECOGNITION.capabilities.changed["bbox"]: 1,
    }
    assert set(dropped(made)) <= set(icdar_format.RECOGNITION.losses)


def test_images_are_stored_in_the_same_subset() -> None:
    made = dataset([medium("m1", "a.mp4", 1), medium("m2", "dir/b.jpg")], images=every_frame)
    made.media = [replace(each, subset="val" if each.kind == "video" else "train") for each in made.media]

    assert list(archive(NAME, made)) == [
        "train/gt.txt",
        "val/gt.txt",
        "val/images/a/frame_000000.jpg",
        "train/images/dir/b.jpg",
    ]
