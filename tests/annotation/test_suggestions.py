"""What a run suggests, as edits and as categories."""

import pytest

from annotation.domain.missions import (
    OBJECT_DETECTION,
    builtin_missions,
    check,
    color_of,
    missing_categories,
    mission_id,
)
from annotation.domain.suggestions import chunks, closed, creation, ends_medium
from common.errors import Problem
from common.labels import Category, Keyframe, Mission, Suggestion


def keyframe(frame: int, *, outside: bool = False) -> Keyframe:
    box = {"x1": 0, "y1": 0, "x2": 10, "y2": 10}
    return Keyframe.model_validate({"frame": frame, "geometry": box, "outside": outside, "score": 0.9})


def test_a_track_seen_to_the_end_of_its_clip_ends_there() -> None:
    kept = closed([keyframe(1790), keyframe(1780)], 1799, at_end=False)

    assert [(one.frame, one.outside, one.source) for one in kept] == [
        (1780, False, "model"),
        (1790, False, "model"),
        (1800, True, "model"),
    ]


def test_a_track_that_left_before_is_as_it_was() -> None:
    assert len(closed([keyframe(5), keyframe(9, outside=True)], 1799, at_end=False)) == 2


def test_a_track_at_the_end_of_the_medium_is_held() -> None:
    kept = closed([keyframe(5), keyframe(1000, outside=True)], 999, at_end=True)

    assert [one.frame for one in kept] == [5]


@pytest.mark.parametrize(
    ("last", "frame_count", "is_end"),
    [(1799, 1800, True), (1799, 4000, False), (1799, None, False), (999, None, True), (3999, 4000, True)],
)
def test_the_last_clip_is_known_by_the_count_or_by_being_short(
    last: int, frame_count: int | None, is_end: bool
) -> None:
    assert ends_medium(last, frame_count) == is_end


def test_accepting_twice_is_the_same_edit() -> None:
    track = Suggestion(id="s1", label="dog", score=0.8, keyframes=[keyframe(0)])

    first, again = (creation(track, track.keyframes, OBJECT_DETECTION, "r1") for _ in range(2))

    assert first == again
    assert (first.object, first.category, first.source, first.run_id) == ("s1", "dog", "model", "r1")


def test_large_files_are_cut_into_transactions() -> None:
    track = Suggestion(id="s1", label="dog", score=0.8, keyframes=[keyframe(0), keyframe(1)])
    edits = [creation(track, track.keyframes, OBJECT_DETECTION, "r1")] * 5

    assert [len(run) for run in chunks(edits, 2, 1000)] == [2, 2, 1]
    assert [len(run) for run in chunks(edits, 100, 5)] == [2, 2, 1]
    assert [len(run) for run in chunks(edits, 100, 1)] == [1] * 5
    assert list(chunks([], 2, 2)) == []


def test_every_project_has_the_four_missions_under_ids_that_never_change() -> None:
    missions = builtin_missions("p1")

    names = [mission.name for mission in missions]
    assert names == [OBJECT_DETECTION, "Traffic Sign and Light", "Road Segmentation", "Behavior"]
    assert [category.name for category in missions[0].categories] == ["Vehicle", "Pedestrian", "Scooter", "Bicycle"]
    assert missions == builtin_missions("p1")
    assert missions[0].id == mission_id("p1", OBJECT_DETECTION) != mission_id("p2", OBJECT_DETECTION)
    for mission in missions:
        check(mission)


def test_a_detected_label_gets_a_category_with_its_own_colour() -> None:
    mission = builtin_missions("p1")[0]

    added = missing_categories(mission, ["dog", "Vehicle", "dog", "person"])

    colors = [category.color for category in (*mission.categories, *added)]
    assert [category.name for category in added] == ["dog", "person"]
    assert len(set(colors)) == len(colors)
    assert color_of("dog") == color_of("dog", taken=["#ffffff"]) != color_of("dog", taken=[color_of("dog")])


@pytest.mark.parametrize(
    "categories",
    [
        [Category(name="Car", color="#000000"), Category(name="Car", color="#ffffff")],
        [Category(name="Car", color="#000000", types=["a", "a"])],
        [Category(name="Car", color="#000000", attributes={"State": ["x", "x"]})],
    ],
)
def test_names_are_there_once(categories: list[Category]) -> None:
    with pytest.raises(Problem):
        check(Mission(id="m", name="M", categories=categories))
