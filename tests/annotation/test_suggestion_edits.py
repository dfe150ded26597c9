"""Suggestions and reviews as edits."""

from typing import Any

import pytest

from annotation.domain.missions import builtin_missions
from annotation.domain.object_class import ObjectClass, class_of_label
from annotation.domain.suggestions import (
    accepted,
    chunks,
    closed,
    creation,
    ends_medium,
    repeated_review,
    review_of,
    tracked,
)
from common.contract.edits import PutGenerated
from common.contract.errors import reason_for
from common.contract.events import LabelsTracked
from common.contract.labels import Suggestion
from common.contract.missions import Category, Mission
from common.contract.questions import (
    PendingSuggestion,
    ReviewDecision,
)
from tests.annotation.suggestion_builders import keyframe

DOG = ObjectClass("m", "dog")


def test_a_track_visible_at_the_end_of_its_clip_is_closed() -> None:
    kept = closed([keyframe(1790), keyframe(1780)], 1799, at_end=False)

    assert [(one.frame, one.outside, one.source) for one in kept] == [
        (1780, False, "model"),
        (1790, False, "model"),
        (1800, True, "model"),
    ]


def test_a_track_that_ended_before_is_unchanged() -> None:
    assert len(closed([keyframe(5), keyframe(9, outside=True)], 1799, at_end=False)) == 2


def test_a_track_at_the_end_of_the_medium_stays_open() -> None:
    kept = closed([keyframe(5), keyframe(1000, outside=True)], 999, at_end=True)

    assert [one.frame for one in kept] == [5]


@pytest.mark.parametrize(
    ("last", "frame_count", "is_end"),
    [(1799, 1800, True), (1799, 4000, False), (1799, None, False), (999, None, True), (3999, 4000, True)],
)
def test_the_last_clip_is_detected_by_frame_count_or_length(last: int, frame_count: int | None, is_end: bool) -> None:
    assert ends_medium(last, frame_count) == is_end


def test_repeated_acceptance_is_the_same_edit() -> None:
    track = Suggestion(id="s1", label="dog", score=0.8, keyframes=[keyframe(0)])

    first, again = (creation(track, track.keyframes, DOG, "r1", "nano") for _ in range(2))

    assert first == again
    assert (first.object, first.mission, first.category, first.source) == ("s1", "m", "dog", "model")
    assert (first.run_id, first.model, first.score) == ("r1", "nano", 0.8)


def test_large_files_are_split_into_transactions() -> None:
    track = Suggestion(id="s1", label="dog", score=0.8, keyframes=[keyframe(0), keyframe(1)])
    edits = [creation(track, track.keyframes, DOG, "r1", "nano")] * 5

    assert [len(run) for run in chunks(edits, 2, 1000)] == [2, 2, 1]
    assert [len(run) for run in chunks(edits, 100, 5)] == [2, 2, 1]
    assert [len(run) for run in chunks(edits, 100, 1)] == [1] * 5
    assert list(chunks([], 2, 2)) == []


def pending(**more: Any) -> PendingSuggestion:
    about = {
        "id": "s1", "media_id": "m1", "run_id": "r1", "model": "nano", "label": "dog", "score": 0.8,
        "keyframes": [keyframe(3), keyframe(9)], "review": "pending",
    }  # fmt: skip
    return PendingSuggestion.model_validate(about | more)


MOVED = [keyframe(3).model_copy(update={"geometry": keyframe(3).geometry.model_copy(update={"x2": 11.0})}), keyframe(9)]


CONFIRMED = [one.model_copy(update={"source": "manual", "score": None}) for one in (keyframe(9), keyframe(3))]


@pytest.mark.parametrize(
    ("fields", "object_class", "review"),
    [
        ({"accept": False}, DOG, "rejected"),
        ({"accept": False, "keyframes": MOVED}, DOG, "rejected"),
        ({"accept": True}, DOG, "accepted"),
        ({"accept": True, "keyframes": CONFIRMED}, DOG, "accepted"),
        ({"accept": True, "keyframes": MOVED}, DOG, "edited"),
        ({"accept": True, "keyframes": CONFIRMED[:1]}, DOG, "edited"),
        ({"accept": True}, ObjectClass("m", "cat"), "edited"),
        ({"accept": True}, ObjectClass("m", "dog", "Poodle"), "edited"),
    ],
)
def test_a_suggestion_with_another_category_or_other_shapes_is_edited(
    fields: dict[str, Any], object_class: ObjectClass, review: str
) -> None:
    decision = ReviewDecision.model_validate({"suggestion": "s1"} | fields)

    assert review_of(pending(), decision, object_class, DOG) == review


def test_an_accepted_suggestion_keeps_model_and_score() -> None:
    edit = accepted(pending(), ReviewDecision(suggestion="s1", accept=True, keyframes=MOVED), ObjectClass("m", "cat"))

    assert (edit.object, edit.category, edit.source, edit.model, edit.score) == ("s1", "cat", "model", "nano", 0.8)
    assert edit.keyframes == MOVED


def test_a_second_decision_returns_the_first_result() -> None:
    answer = repeated_review(ReviewDecision(suggestion="s1", accept=True), pending(review="rejected"), None)

    assert (answer.status, answer.object, answer.reason) == (
        "duplicate",
        None,
        reason_for("suggestion_rejected_before"),
    )


def test_a_label_prefers_a_category_of_the_detection_mission() -> None:
    detection, *_ = builtin_missions("p")
    farm = Mission(id="f", name="Farm", categories=[Category(name=one, color="#000000") for one in ("Vehicle", "Cow")])

    assert class_of_label([farm, detection], "p", "Vehicle") == ObjectClass(detection.id, "Vehicle")
    assert class_of_label([farm, detection], "p", "Cow") == ObjectClass("f", "Cow")
    assert class_of_label([farm, detection], "p", "dog") is None


def test_tracked_keyframes_are_quick_and_within_the_range() -> None:
    event = LabelsTracked(
        project_id="p", media_id="m1", run_id="r1", object_id="o1", first=5, last=8, object_key="k", author="ada"
    )  # fmt: skip
    track = Suggestion(id="o1", label="", score=1, keyframes=[keyframe(frame) for frame in (4, 5, 8, 9)])

    first, again = tracked(event, track, 7), tracked(event, track, 9)

    assert isinstance(first, PutGenerated)
    assert [(one.frame, one.source, one.score) for one in first.keyframes] == [(5, "quick", 0.9), (8, "quick", 0.9)]
    assert (first.first, first.last, first.base_revision, again.base_revision) == (5, 8, 7, 9)
    assert first.id == again.id
