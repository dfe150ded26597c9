"""TFRecord: boxes and masks survive export and import; damaged and malicious records are reported."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box
from export.codecs.tfrecord import example, floats, integers, records, texts
from export.formats.registry import READERS
from export.formats.tfrecord.reader_examples import features
from export.formats.tfrecord.reader_examples import records as read_records
from export.parsing.detect_format import detect_format
from tests.export.made import labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.plain import PLAIN
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import projects

NAME = "TFRecord 1.0"
MEDIA = [medium(each, name, 6, width=64, height=48) for each, name in (("m1", "a.mp4"), ("m2", "b.mp4"))]
MEDIA += [medium("i1", "dir/c.jpg", width=64, height=48)]


@given(projects(reach=100, most=4))
def test_every_exported_row_is_imported(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, states, rows, PLAIN)


def rows(files: dict[str, bytes]) -> Counter[Any]:
    """The content of each record, by object."""
    result: Counter[Any] = Counter()
    for record in read_records(files["default.tfrecord"]):
        assert record.error is None
        example = features(record.payload)
        path = example["image/filename"][0]
        masks = example.get("image/object/mask") or [b""] * len(example["image/object/class/text"])
        sides = [example[f"image/object/bbox/{side}"] for side in ("xmin", "ymin", "xmax", "ymax")]
        result[path] += 1
        result.update((path, *each) for each in zip(example["image/object/class/text"], masks, *sides, strict=True))
    return result


def test_boxes_and_masks_survive_a_round_trip() -> None:
    pixels = Bitmap(x=1, y=2, width=4, height=2, runs=[0, 8])
    states = [
        labeled("o1", media_id="i1", category="it's"),
        shape_object("o2", pixels, media_id="i1", category="b\\\n"),
    ]

    box, mask = sorted(returned(NAME, MEDIA, states).objects, key=lambda each: each.kind)

    assert (box.category, mask.category) == ("it's", "b\\\n")
    geometry = box.keyframes[0].geometry
    assert isinstance(geometry, Box)
    assert (geometry.x1, geometry.y2) == pytest.approx((10, 48), abs=1e-4)
    if mask.kind == "bitmap":
        assert mask.keyframes[0].geometry == pixels


def single_object(**more: Any) -> bytes:
    given_features: dict[str, Any] = {
        "image/filename": texts([b"dir\\c.png"]),
        "image/object/class/label": integers([2]),
        **{f"image/object/bbox/{side}": floats(np.array([at / 8])) for at, side in enumerate(SIDES)},
    }
    return example((given_features | more).items())


SIDES = ("xmin", "ymin", "xmax", "ymax")
LABELS = b"item {\n  name: 'a\\'\\303'\n  id: 2 }\nitem { id:3 display_name: \"B\" }"


def parsed(*payloads: bytes, **files: bytes) -> list[Any]:
    content = {"x-00000-of-00001.record": b"".join(records(payloads)), "label_map.pbtxt": LABELS} | files
    return read(NAME, opened(packed(content)), targets(MEDIA))


def test_archives_of_other_programs_are_imported() -> None:
    score = {"image/object/score": floats(np.array([0.5]))}

    (imported,) = parsed(single_object(**score))

    assert imported.media_id == "i1"
    assert imported.keyframes[0].geometry == Box(x1=0, y1=6, x2=16, y2=18)
    assert imported.keyframes[0].score == 0.5
    (other,) = parsed(single_object(**{"image/object/class/label": integers([3])}))
    assert other.category == "B"


def test_a_single_file_is_read() -> None:
    content = b"".join(records([single_object(**{"image/object/class/text": texts([b"car"])})]))
    bundle = opened(content, "train.tfrecord")

    assert detect_format(bundle, None, READERS) == (NAME, 1.0)
    assert [imported.category for imported in objects(read(NAME, bundle, targets(MEDIA)))] == ["car"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b"\xff\xff\xff\xff", "record_invalid"),
        (b"\x0a\xff\xff\x03aaaa", "record_invalid"),
        (b"\x0b\x00\x00\x00", "record_invalid"),
        (b"\x08" + b"\xff" * 11, "record_invalid"),
        (example([]), "field_missing"),
        (single_object(**{"image/object/class/label": integers([9])}), "no_such_class_in"),
        (single_object(**{"image/object/class/label": integers([])}), "row_malformed"),
        (single_object(**{"image/object/bbox/xmin": floats(np.array([1.0, 2.0]))}), "row_malformed"),
        (single_object(**{"image/object/bbox/xmin": floats(np.array([np.nan]))}), "finite_number"),
        (single_object(**{"image/object/mask": texts([b"GIF"])}), "mask_not_png"),
        (single_object(**{"image/filename": texts([b"gone.jpg"])}), "no_such_file"),
    ],
)
def test_a_malformed_record_is_skipped_with_a_reason(broken: bytes, code: str) -> None:
    entries = parsed(broken, single_object())

    (skipped,) = [row for row in entries if isinstance(row, SkippedRow)]
    assert skipped.reason.code == code
    assert skipped.where.startswith("x-00000-of-00001.record, record 1")
    assert len(objects(entries)) == 1


def test_checksums_detect_damage() -> None:
    whole = b"".join(records([single_object(), single_object()]))
    turned = whole[:20] + bytes([whole[20] ^ 1]) + whole[21:]

    assert [record.error and record.error.code for record in read_records(turned)] == ["record_checksum_wrong", None]
    assert [record.error and record.error.code for record in read_records(whole[:-3])] == [None, "records_damaged"]
    assert len(list(read_records(whole[:-3]))) == 2


@given(st.binary(max_size=60))
def test_any_bytes_are_an_example_or_none(content: bytes) -> None:
    try:
        features(content)
    except ValueError:
        return


@given(st.lists(st.integers(0, 2**63 - 1)), st.lists(st.floats(width=32, allow_nan=False)), st.lists(st.binary()))
def test_features_survive_a_round_trip(numbers: list[int], shares: list[float], words: list[bytes]) -> None:
    made = {"i": integers(numbers), "f": floats(np.array(shares, np.float64)), "t": texts(words)}

    assert features(example(made.items())) == {"i": numbers, "f": shares, "t": words}
