"""ICDAR Segmentation 1.0: characters survive export and import with their pixels, colors, order and words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box
from export.parsing.reasons import skipped
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import MEDIA, area, frames_of, png
from tests.export.parsing.returned import returned, with_texts
from tests.export.strategies import projects, words

NAME = "ICDAR Segmentation 1.0"
WHITE, RED, BLACK = (255, 255, 255), (255, 0, 0), (0, 0, 0)
SHOWN = png([[RED, RED, WHITE, BLACK]], ".bmp")


@given(projects(reach=100, most=4), st.lists(words, min_size=4, max_size=4))
def test_a_project_survives_export_and_import(states: list[ObjectState], texts: list[str]) -> None:
    round_trip = returned(NAME, MEDIA, with_texts(states, texts))

    assert not round_trip.skipped
    assert round_trip.after == round_trip.before


def character(object_id: str, at: int, text: str, index: int, **more: Any) -> ObjectState:
    attributes = {"text": text, "index": index} | more.pop("attributes", {})
    return labeled(object_id, keyframe(0, at, 0, at + 5, 10), attributes=attributes, media_id="i1", **more)


def test_all_properties_of_characters_survive_a_round_trip() -> None:
    states = [
        character("o1", 20, "b", 2, group="word"),
        character("o2", 0, "a", 1, group="word", attributes={"color": "10 20 30", "center": "2 5"}),
        character("o3", 40, " ", 3),
        character("o4", 50, '"', 4),
    ]

    first, second, blank, quote = returned(NAME, MEDIA, states).objects

    assert first.attributes == {"text": "a", "index": 0.0, "color": "10 20 30", "center": "2 5"}
    assert second.attributes == {"text": "b", "index": 1.0, "color": "0 128 0"}
    assert blank.attributes == {"text": " ", "index": 2.0, "color": "128 128 0"}
    assert quote.attributes["text"] == '"'
    assert area(first) == Bitmap(x=0, y=0, width=5, height=10, runs=[0, 50])
    assert first.group == second.group is not None
    assert blank.group is quote.group is None
    assert {each.category for each in (first, second, blank, quote)} == {"icdar"}


def given_lines(lines: bytes, **files: bytes) -> list[Any]:
    return painted.given(NAME, {"train/a/000004_GT.txt": lines, **files})


def test_archives_of_other_programs_are_imported() -> None:
    files = {
        "set\\d\\c.e_GT.txt": b'\xef\xbb\xbf\r\n# 255 0 0 - - 0 0 2 1 " "\r\n0 0 0 1.5 2 3 0 4 1 "two words"\r\n\r\n',
        "set/d/c.e_GT.BMP": SHOWN,
    }

    first, second = objects(painted.given(NAME, files))

    assert first.attributes == {"text": " ", "index": 0.0, "color": "255 0 0"}
    assert area(first) == Bitmap(x=0, y=0, width=2, height=1, runs=[0, 2])
    assert second.attributes == {"text": "two words", "index": 1.0, "color": "0 0 0", "center": "1.5 2"}
    assert area(second) == Bitmap(x=3, y=0, width=1, height=1, runs=[0, 1])


def test_without_a_mask_a_character_is_its_box() -> None:
    (item,) = given_lines(b'1 2 3 - - 4 5 6 7.5 "x"\n')

    assert item.keyframes[0].geometry == Box(x1=4, y1=5, x2=6, y2=7.5)
    assert frames_of(item) == [(4, False), (5, True)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"1 2 3", "values_too_few"),
        (b'1 2 3 - - 0 0 1 1 "x"', "color_not_in_image"),
        (b'255 255 255 - - 0 0 1 1 "x"', "color_not_in_image"),
        (b'256 0 0 - - 0 0 1 1 "x"', "color_out_of_range"),
        (b'red 0 0 - - 0 0 1 1 "x"', "not_an_integer"),
        (b"#", "values_too_few"),
    ],
)
def test_a_malformed_line_is_skipped_with_a_reason(line: bytes, code: str) -> None:
    good = b'255 0 0 - - 0 0 2 1 "y"'

    result = given_lines(good + b"\n" + line + b"\n" + good, **{"train/a/000004_GT.bmp": SHOWN})

    assert_skipped(result, "train/a/000004_GT.txt, line 2", code)
    assert len(objects(result)) == 2


def test_a_malformed_mask_is_skipped_with_a_reason() -> None:
    line = b'255 0 0 - - 0 0 2 1 "y"'
    files = {"train/a/000004_GT.bmp": SHOWN[:30], "d/c.e_GT.txt": line, "d/c.e_GT.bmp": SHOWN}

    skipped, result = given_lines(line, **files)

    assert isinstance(skipped, SkippedRow)
    assert skipped.where == "train/a/000004_GT.bmp"
    assert result.media_id == "i1"


def test_images_without_a_match_are_reported_once() -> None:
    lines = b'1 2 3 - - 0 0 2 1 "y"\n1 2 3 - - 0 0 2 1 "y"\n'

    assert painted.given(NAME, {"gone_GT.txt": lines}) == [skipped("gone_GT.txt", "no_such_file", entries=2)]
