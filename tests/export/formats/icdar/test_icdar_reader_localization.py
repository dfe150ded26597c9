"""ICDAR Localization 1.0: boxes and polygons survive export and import with their texts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.geometry.types import Box, Part, Polygon
from export.parsing.reasons import skipped
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, shape_object
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import MEDIA, frames_of
from tests.export.parsing.returned import returned, with_texts
from tests.export.strategies import FRAMES, projects, words

NAME = "ICDAR Localization 1.0"
RING = [(1.0, 2.0), (30.0, 2.0), (30.5, 40.0), (1.0, 40.0)]
SQUARE = Polygon(parts=[Part(outer=RING)])


def rows(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    """The lines of every file."""
    return {name: sorted(content.split(b"\n")) for name, content in files.items()}


@given(projects(reach=500, most=4), st.lists(words, min_size=4, max_size=4))
def test_a_project_survives_export_and_import(states: list[ObjectState], texts: list[str]) -> None:
    round_trip = returned(NAME, MEDIA, with_texts(states, texts))

    assert not round_trip.skipped
    assert rows(round_trip.after) == rows(round_trip.before)


def test_every_shape_is_an_object_of_its_frame() -> None:
    texts = ['back\\slash, "quotes"', "", "#", "1,2"]
    states = [
        labeled(f"o{at}", keyframe(at, 1, 2, 3, 4.256), keyframe(at + 1, outside=True), attributes={"text": text})
        for at, text in enumerate(texts)
    ]
    states += [
        shape_object("p1", SQUARE, media_id="i1", attributes={"text": "夜"}),
        shape_object("p2", Polygon(parts=[Part(outer=RING[:3])]), media_id="m2", frame=FRAMES - 1),
    ]

    round_trip = returned(NAME, MEDIA, states)

    result = {(imported.media_id, imported.keyframes[0].frame): imported for imported in round_trip.objects}
    assert {imported.category for imported in round_trip.objects} == {"icdar"}
    assert [result["m1", at].attributes["text"] for at in range(4)] == ["back\\slash, 'quotes'", "", "#", "1,2"]
    assert result["m1", 1].keyframes[0].geometry == Box(x1=1, y1=2, x2=3, y2=4.26)
    assert frames_of(result["m1", 1]) == [(1, False), (2, True)]
    assert (result["i1", 0].keyframes[0].geometry, result["i1", 0].attributes) == (SQUARE, {"text": "夜"})
    triangle = result["m2", FRAMES - 1]
    assert triangle.keyframes[0].geometry == Polygon(parts=[Part(outer=RING[:3])])
    assert triangle.attributes == {}


def single(content: bytes, name: str = "d/gt_c.e.txt") -> list[Any]:
    return painted.given(NAME, {name: content})


@pytest.mark.parametrize(
    ("line", "numbers", "text"),
    [
        (b'158 128 411 181 "Footpath"', 4, "Footpath"),
        (b'38, 43, 920, 215, "Two words"', 4, "Two words"),
        (b"377,117,463,117,465,130,378,130,Genaxis Theatre", 8, "Genaxis Theatre"),
        (b"377,117,463,117,465,130,378,130,2015", 8, "2015"),
        (b"377,117,463,117,465,130,378,130,a, b", 8, "a, b"),
        (b'377,117,463,117,465,130,378,130,say "hi"', 8, 'say "hi"'),
        (b"377,117,463,117,465,130,378,130,###", 8, "###"),
        (b'1,2,3,4,5,6,7,8,9,10,"say "hi", now"', 10, 'say "hi", now'),
        (b"1 2 3 4", 4, None),
        (b"1,2,3,4,5,7", 6, None),
        (b"1 2 3 4 word", 4, "word"),
    ],
)
def test_archives_of_other_programs_are_imported(line: bytes, numbers: int, text: str | None) -> None:
    (imported,) = single(b"\xef\xbb\xbf" + line + b"\r\n\r\n", "Some\\Test\\d\\gt_c.e.TXT")

    assert imported.attributes.get("text") == text
    shape = imported.keyframes[0].geometry
    assert (4 if isinstance(shape, Box) else len(shape.parts[0].outer) * 2) == numbers


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"1 2 3", "values_count_wrong"),
        (b"text", "values_count_wrong"),
        (b'1,2,3,4,5,6,7,"x"', "values_count_wrong"),
        (b'1 nan 3 4 "x"', "finite_number"),
        (b"\xff\xfe", "values_count_wrong"),
        (b'"', "values_count_wrong"),
    ],
)
def test_a_malformed_line_is_skipped_with_a_reason(line: bytes, code: str) -> None:
    entries = single(b'1 2 3 4 "a"\n' + line + b'\n5 6 7 8 "b"\n')

    assert_skipped(entries, "d/gt_c.e.txt, line 2", code)
    assert [imported.attributes for imported in objects(entries)] == [{"text": "a"}, {"text": "b"}]


def test_a_subset_is_no_folder_of_a_medium() -> None:
    media = [*MEDIA, MEDIA[0].model_copy(update={"id": "m9", "name": "default/a.mp4"})]

    round_trip = returned(NAME, media, [labeled("o1"), labeled("o9", keyframe(3), media_id="m9")])

    assert {
        (imported.media_id, imported.keyframes[0].frame)
        for imported in round_trip.objects
        if imported.keyframes[0].frame < 3
    } == {("m1", at) for at in range(3)}


def test_images_without_a_match_are_reported_once() -> None:
    assert single(b"1 2 3 4\n1 2 3 4\n", "gt_gone.txt") == [skipped("gt_gone.txt", "no_such_file", entries=2)]
