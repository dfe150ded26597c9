"""ICDAR Recognition 1.0: texts come back as labels of whole pictures."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag
from export.parsing.reasons import skipped
from tests.export.made import drawn, keyframe, labeled, medium
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import MEDIA, frames_of
from tests.export.parsing.returned import returned, with_texts
from tests.export.strategies import projects, words

NAME = "ICDAR Recognition 1.0"


def rows(files: dict[str, bytes]) -> dict[bytes, bytes]:
    """The first text of every picture."""
    found: dict[bytes, bytes] = {}
    for line in files["default/gt.txt"].split(b"\n")[:-1]:
        name, text = line.split(b", ", 1)
        found.setdefault(name, text)
    return found


@given(projects(reach=500, most=4), st.lists(words, min_size=4, max_size=4))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_project_comes_back(states: list[ObjectState], texts: list[str]) -> None:
    back = returned(NAME, MEDIA, with_texts(states, texts))

    assert {one.reason.code for one in back.skipped} <= {"label_already_set"}
    assert rows(back.after) == rows(back.before)


def test_a_video_has_one_label_whose_text_changes() -> None:
    keyframes = [
        Keyframe(frame=2, geometry=ImageTag(), attributes={"text": "one"}),
        Keyframe(frame=5, geometry=ImageTag(), attributes={"text": "two"}),
        Keyframe(frame=7, geometry=ImageTag(), outside=True),
        Keyframe(frame=9, geometry=ImageTag()),
    ]
    states = [
        labeled("t1", *keyframes, annotation_type="label"),
        drawn("t2", ImageTag(), media_id="i1", attributes={"text": 'A "B", C\\D'}),
        drawn("t3", ImageTag(), media_id="m2", attributes={"text": ""}),
    ]

    found = {one.media_id: one for one in returned(NAME, MEDIA, states).objects}

    assert {(one.category, one.kind) for one in found.values()} == {("icdar", "label")}
    moving = found["m1"]
    assert frames_of(moving) == [(2, False), (5, False), (6, False), (7, True), (9, False)]
    assert [key.attributes.get("text") for key in moving.keyframes] == ["one", "two", None, None, None]
    assert found["i1"].attributes == {"text": 'A "B", C\\D'}
    assert (frames_of(found["m2"]), found["m2"].attributes) == ([(0, False)], {"text": ""})


def test_of_several_texts_on_a_picture_the_first_counts_and_the_others_are_reported() -> None:
    states = [
        labeled("o1", keyframe(0), media_id="i1", attributes={"text": "first"}),
        labeled("o2", keyframe(0), media_id="i1", attributes={"text": "second"}),
    ]

    back = returned(NAME, MEDIA, states)

    assert [one.attributes for one in back.objects] == [{"text": "first"}]
    (skipped,) = back.skipped
    assert (skipped.where, skipped.reason.code) == ("default/gt.txt, line 2", "label_already_set")


def test_names_with_commas_are_found() -> None:
    media = [medium("i1", "a, b,c.jpg"), medium("i2", "x,y.jpg")]
    states = [drawn(f"t{at}", ImageTag(), media_id=f"i{at}", attributes={"text": f"{at}, "}) for at in (1, 2)]

    back = returned(NAME, media, states)

    assert sorted((one.media_id, one.attributes["text"]) for one in back.objects) == [("i1", "1, "), ("i2", "2, ")]


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
def test_what_other_programs_write_is_read(line: bytes, text: str) -> None:
    (found,) = single(b"\xef\xbb\xbf\r\n" + line + b"\r\n")

    assert (found.media_id, found.attributes) == ("i1", {"text": text})


def test_a_malformed_line_is_skipped_with_a_reason() -> None:
    found = single(b'nothing\nd/c.e.jpg,\na/9.jpg, \na/3.jpg, "x"\n')

    (skipped,) = [one for one in found if isinstance(one, SkippedRow)]
    assert skipped.where.startswith("Test/gt.txt, line 1")
    assert skipped.reason.code == "row_malformed"
    assert [frames_of(one) for one in objects(found)] == [[(3, False), (9, True)]]


def test_pictures_of_nothing_known_are_reported_once() -> None:
    assert single(b'gone.jpg, "a"\ngone.jpg, "b"\nnone.jpg, \n') == [
        skipped("Test/gt.txt, line 1", "no_such_file", entries=2)
    ]
