"""ICDAR Recognition 1.0: texts are imported as labels of whole images."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import ImageTag
from export.parsing.reasons import skipped
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import MEDIA, frames_of
from tests.export.parsing.returned import returned, with_texts
from tests.export.strategies import projects, words

NAME = "ICDAR Recognition 1.0"


def rows(files: dict[str, bytes]) -> dict[bytes, bytes]:
    """The first text of every image."""
    result: dict[bytes, bytes] = {}
    for line in files["default/gt.txt"].split(b"\n")[:-1]:
        name, text = line.split(b", ", 1)
        result.setdefault(name, text)
    return result


@given(projects(reach=500, most=4), st.lists(words, min_size=4, max_size=4))
def test_a_project_survives_export_and_import(states: list[ObjectState], texts: list[str]) -> None:
    round_trip = returned(NAME, MEDIA, with_texts(states, texts))

    assert {row.reason.code for row in round_trip.skipped} <= {"label_already_set"}
    assert rows(round_trip.after) == rows(round_trip.before)


def test_a_video_has_one_label_whose_text_changes() -> None:
    keyframes = [
        Keyframe(frame=2, geometry=ImageTag(), attributes={"text": "one"}),
        Keyframe(frame=5, geometry=ImageTag(), attributes={"text": "two"}),
        Keyframe(frame=7, geometry=ImageTag(), outside=True),
        Keyframe(frame=9, geometry=ImageTag()),
    ]
    states = [
        labeled("t1", *keyframes, annotation_type="label"),
        shape_object("t2", ImageTag(), media_id="i1", attributes={"text": 'A "B", C\\D'}),
        shape_object("t3", ImageTag(), media_id="m2", attributes={"text": ""}),
    ]

    result = {imported.media_id: imported for imported in returned(NAME, MEDIA, states).objects}

    assert {(entry.category, entry.kind) for entry in result.values()} == {("icdar", "label")}
    moving = result["m1"]
    assert frames_of(moving) == [(2, False), (5, False), (6, False), (7, True), (9, False)]
    assert [key.attributes.get("text") for key in moving.keyframes] == ["one", "two", None, None, None]
    assert result["i1"].attributes == {"text": 'A "B", C\\D'}
    assert (frames_of(result["m2"]), result["m2"].attributes) == ([(0, False)], {"text": ""})


def test_only_the_first_of_several_texts_on_an_image_counts_and_others_are_reported() -> None:
    states = [
        labeled("o1", keyframe(0), media_id="i1", attributes={"text": "first"}),
        labeled("o2", keyframe(0), media_id="i1", attributes={"text": "second"}),
    ]

    round_trip = returned(NAME, MEDIA, states)

    assert [imported.attributes for imported in round_trip.objects] == [{"text": "first"}]
    (skipped,) = round_trip.skipped
    assert (skipped.where, skipped.reason.code) == ("default/gt.txt, line 2", "label_already_set")


def test_image_names_with_commas_are_matched() -> None:
    media = [medium("i1", "a, b,c.jpg"), medium("i2", "x,y.jpg")]
    states = [shape_object(f"t{at}", ImageTag(), media_id=f"i{at}", attributes={"text": f"{at}, "}) for at in (1, 2)]

    round_trip = returned(NAME, media, states)

    assert sorted((imported.media_id, imported.attributes["text"]) for imported in round_trip.objects) == [
        ("i1", "1, "),
        ("i2", "2, "),
    ]


def single(content: bytes) -> list[Any]:
    return painted.given(NAME, {"Test/gt.txt": content})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'c.e.png, "Tiredness"', "Tiredness"),
        (b'd/c.e.jpg,   "comma, blank"', "comma, blank"),
        (b'd\\c.e.jpg, "a\\"b"', 'a"b'),
        (b"c.e.jpg, no quotes", "no quotes"),
        (b'c.e.jpg, "say "hi""', 'say "hi"'),
        (b'c.e.jpg, "', '"'),
    ],
)
def test_archives_of_other_programs_are_imported(line: bytes, text: str) -> None:
    (imported,) = single(b"\xef\xbb\xbf\r\n" + line + b"\r\n")

    assert (imported.media_id, imported.attributes) == ("i1", {"text": text})


def test_a_malformed_line_is_skipped_with_a_reason() -> None:
    entries = single(b'nothing\nd/c.e.jpg,\na/9.jpg, \na/3.jpg, "x"\n')

    assert_skipped(entries, "Test/gt.txt, line 1", "row_malformed")
    assert [frames_of(imported) for imported in objects(entries)] == [[(3, False), (9, True)]]


def test_images_without_a_match_are_reported_once() -> None:
    assert single(b'gone.jpg, "a"\ngone.jpg, "b"\nnone.jpg, \n') == [
        skipped("Test/gt.txt, line 1", "no_such_file", entries=2)
    ]
