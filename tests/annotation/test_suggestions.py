"""What a run suggests and what people say of it: as edits, and on real servers."""

import asyncio
from typing import Any

import pytest

from annotation.domain.missions import OBJECT_DETECTION, builtin_missions, mission_id
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
from annotation.suggestions.repository import ReviewedMeanwhile
from common.contract.edits import EditResult, MakeDefault, PutGenerated, Rules
from common.contract.errors import Problem, reason_for
from common.contract.events import LabelsReviewed, LabelsSuggested, LabelsTracked
from common.contract.labels import Keyframe, Suggestion
from common.contract.missions import Category, Mission
from common.contract.questions import (
    ListSuggestions,
    PageRequest,
    PendingSuggestion,
    ReviewDecision,
    ReviewSuggestions,
    SaveMission,
)
from common.service.ids import new_id
from common.storage.cursor import encode_cursor

DOG = ObjectClass("m", "dog")


def keyframe(frame: int, *, outside: bool = False) -> Keyframe:
    box = {"kind": "bbox", "x1": 0, "y1": 0, "x2": 10, "y2": 10}
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

    first, again = (creation(track, track.keyframes, DOG, "r1", "nano") for _ in range(2))

    assert first == again
    assert (first.object, first.mission, first.category, first.source) == ("s1", "m", "dog", "model")
    assert (first.run_id, first.model, first.score) == ("r1", "nano", 0.8)


def test_large_files_are_cut_into_transactions() -> None:
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
    ("verdict", "kind", "review"),
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
    verdict: dict[str, Any], kind: ObjectClass, review: str
) -> None:
    given = ReviewDecision.model_validate({"suggestion": "s1"} | verdict)

    assert review_of(pending(), given, kind, DOG) == review


def test_an_accepted_suggestion_keeps_what_the_model_said() -> None:
    edit = accepted(pending(), ReviewDecision(suggestion="s1", accept=True, keyframes=MOVED), ObjectClass("m", "cat"))

    assert (edit.object, edit.category, edit.source, edit.model, edit.score) == ("s1", "cat", "model", "nano", 0.8)
    assert edit.keyframes == MOVED


def test_the_second_verdict_gets_the_first_ones_outcome() -> None:
    answer = repeated_review(ReviewDecision(suggestion="s1", accept=True), pending(review="rejected"), None)

    assert (answer.status, answer.object, answer.reason) == (
        "duplicate",
        None,
        reason_for("suggestion_rejected_before"),
    )


def test_a_label_means_a_category_of_the_mission_for_detected_objects_first() -> None:
    detection, *_ = builtin_missions("p")
    farm = Mission(id="f", name="Farm", categories=[Category(name=one, color="#000000") for one in ("Vehicle", "Cow")])

    assert class_of_label([farm, detection], "p", "Vehicle") == ObjectClass(detection.id, "Vehicle")
    assert class_of_label([farm, detection], "p", "Cow") == ObjectClass("f", "Cow")
    assert class_of_label([farm, detection], "p", "dog") is None


def test_what_was_tracked_is_quick_and_within_its_frames() -> None:
    event = LabelsTracked(
        project_id="p", media_id="m1", run_id="r1", object_id="o1", first=5, last=8, object_key="k", author="ada"
    )  # fmt: skip
    track = Suggestion(id="o1", label="", score=1, keyframes=[keyframe(frame) for frame in (4, 5, 8, 9)])

    first, again = tracked(event, track, 7), tracked(event, track, 9)

    assert isinstance(first, PutGenerated)
    assert [(one.frame, one.source, one.score) for one in first.keyframes] == [(5, "quick", 0.9), (8, "quick", 0.9)]
    assert (first.first, first.last, first.base_revision, again.base_revision) == (5, 8, 7, 9)
    assert first.id == again.id


# ---- on real servers ----


class Proposals:
    """Suggestions for a medium of its own, and what people say of them."""

    def __init__(self, medium: Any, work: Any, run_id: str = "r1") -> None:
        self.medium, self.work, self.stores = medium, work, medium.stores
        self.run_id = run_id

    async def made(self, *frames: int, label: str = "dog", run_id: str = "r1") -> list[str]:
        event = LabelsSuggested(
            project_id=self.medium.project_id, media_id=self.medium.media_id, run_id=run_id, clip=0, first=0,
            last=1799, object_key="k", count=1, model="nano", accept="suggest", author="bot",
        )  # fmt: skip
        shapes = [[keyframe(frame), keyframe(frame + 10, outside=True)] for frame in frames]
        tracks = [Suggestion(id=new_id("s"), label=label, score=0.5, keyframes=one) for one in shapes]
        await self.stores.suggestions.keep(event, [(track, track.keyframes) for track in tracks])
        return [track.id for track in tracks]

    async def page(self, **more: Any) -> list[PendingSuggestion]:
        about = {"project_id": self.medium.project_id, "media_id": self.medium.media_id}
        found = await self.stores.suggestions.page(ListSuggestions.model_validate(about | more))
        return list(found.items)

    async def review(self, *verdicts: ReviewDecision, author: str = "ada", **more: Any) -> list[EditResult]:
        about = {"project_id": self.medium.project_id, "media_id": self.medium.media_id, "author": author}
        asked = ReviewSuggestions.model_validate(about | {"verdicts": list(verdicts)} | more)
        results: list[EditResult] = await self.work.reviews.review(asked)
        return results

    async def events(self) -> list[LabelsReviewed]:
        documents = await self.stores.mongo.unpublished_events.find({"type": LabelsReviewed.type}).to_list(None)
        events = [LabelsReviewed.model_validate_json(one["event"]) for one in documents]
        return [event for event in events if event.media_id == self.medium.media_id]


@pytest.fixture
def proposals(medium: Any, work: Any) -> Proposals:
    return Proposals(medium, work)


def yes(suggestion: str, **more: Any) -> ReviewDecision:
    return ReviewDecision.model_validate({"suggestion": suggestion, "accept": True} | more)


def no(suggestion: str) -> ReviewDecision:
    return ReviewDecision(suggestion=suggestion, accept=False)


@pytest.mark.servers
async def test_suggestions_are_listed_by_frames_review_and_run_page_by_page(proposals: Proposals) -> None:
    late, early, same = [(await proposals.made(frame))[0] for frame in (100, 5, 5)]
    (other,) = await proposals.made(50, run_id="r2")
    await proposals.review(no(late))

    assert [one.id for one in await proposals.page()] == [*sorted([early, same]), other]
    assert [one.id for one in await proposals.page(first=16, last=60)] == [other]
    assert [one.id for one in await proposals.page(first=15, last=49)] == sorted([early, same])
    assert [one.id for one in await proposals.page(run_id="r2", review=None)] == [other]
    assert [one.id for one in await proposals.page(review="rejected")] == [late]
    assert [one.id for one in await proposals.page(review=None)] == [*sorted([early, same]), other, late]
    assert await proposals.page(project_id="other") == []
    paged: list[str] = []
    cursor = None
    while True:
        page = PageRequest(limit=1, cursor=cursor)
        asked = ListSuggestions(
            project_id=proposals.medium.project_id, media_id=proposals.medium.media_id, review=None, page=page
        )
        found = await proposals.stores.suggestions.page(asked)
        paged += [one.id for one in found.items]
        if (cursor := found.next_cursor) is None:
            break
    assert paged == [*sorted([early, same]), other, late]
    with pytest.raises(Problem):
        await proposals.page(page=PageRequest(cursor="nonsense"))


@pytest.mark.servers
async def test_accepting_makes_an_object_and_rejecting_makes_none(proposals: Proposals) -> None:
    good, bad, wrong = await proposals.made(5, 50, 100)

    results = await proposals.review(
        yes(good), no(bad), yes(wrong, category="Vehicle", type="Car"), yes("unheard-of"), session="tab"
    )

    assert [(one.id, one.status) for one in results] == [
        (good, "applied"), (bad, "applied"), (wrong, "applied"), ("unheard-of", "refused"),
    ]  # fmt: skip
    detection = mission_id(proposals.medium.project_id, OBJECT_DETECTION)
    states = {
        one.id: one
        for one in await proposals.stores.objects.read(proposals.medium.project_id, proposals.medium.media_id)
    }
    assert states.keys() == {good, wrong}
    assert results[0].object == states[good]
    assert (states[good].mission, states[good].category, states[good].type) == (detection, "dog", None)
    assert (states[good].source, states[good].model, states[good].score) == ("model", "nano", 0.5)
    assert (states[good].author, states[good].run_id) == ("ada", "r1")
    assert (states[wrong].category, states[wrong].type) == ("Vehicle", "Car")
    reviewed = {one.id: (one.review, one.object_id, one.reviewer) for one in await proposals.page(review=None)}
    assert reviewed == {
        good: ("accepted", good, "ada"),
        bad: ("rejected", None, "ada"),
        wrong: ("edited", wrong, "ada"),
    }
    assert {(one.suggestion_id, one.review, one.object_id) for one in await proposals.events()} == {
        (good, "accepted", good), (bad, "rejected", None), (wrong, "edited", wrong),
    }  # fmt: skip


@pytest.mark.servers
async def test_the_first_verdict_holds(proposals: Proposals) -> None:
    one, two = await proposals.made(5, 50)
    first = await proposals.review(yes(one), no(two))

    again = await proposals.review(no(one), yes(two), yes(one), author="ben")

    assert [result.status for result in again] == ["duplicate"] * 3
    assert again[0].object == first[0].object
    assert (again[0].reason, again[1].object) == (reason_for("suggestion_accepted_before"), None)
    assert len(await proposals.events()) == 2
    (three,) = await proposals.made(99)
    assert [result.status for result in await proposals.review(yes(three), no(three))] == ["applied", "duplicate"]
    assert [found.review for found in await proposals.page(review=None)] == ["accepted", "rejected", "accepted"]


@pytest.mark.servers
async def test_of_people_who_review_at_once_one_decides(proposals: Proposals) -> None:
    suggestions = await proposals.made(*range(0, 100, 10))

    answers = await asyncio.gather(
        *(proposals.review(*map(verdict, suggestions), author=f"user-{number}")
          for number, verdict in enumerate((yes, no, yes, no)))
    )  # fmt: skip

    objects = await proposals.stores.objects.read(proposals.medium.project_id, proposals.medium.media_id)
    reviews = {one.id: one for one in await proposals.page(review=None)}
    assert {one.id for one in objects} == {one.id for one in reviews.values() if one.review == "accepted"}
    assert {one.review for one in reviews.values()} <= {"accepted", "rejected"}
    for position_of in range(len(suggestions)):
        assert sorted(answer[position_of].status for answer in answers) == ["applied"] + ["duplicate"] * 3
    assert len(await proposals.events()) == len(suggestions)


@pytest.mark.servers
async def test_what_cannot_be_an_object_stays_pending(proposals: Proposals) -> None:
    fine, outside, unknown = await proposals.made(5, 3990, 50)

    results = await proposals.review(
        yes(fine), yes(outside, keyframes=[keyframe(4000)]), yes(unknown, category="Unheard of")
    )

    assert [one.status for one in results] == ["applied", "refused", "refused"]
    assert results[1].reason == reason_for("frame_outside_medium", frame=4000, frame_count=4000)
    assert {one.id for one in await proposals.page()} == {outside, unknown}
    assert [one.status for one in await proposals.review(yes(outside))] == ["applied"]


@pytest.mark.servers
async def test_a_label_means_what_the_project_calls_so(proposals: Proposals) -> None:
    farm = Mission(id=new_id("m"), name="Farm", categories=[Category(id="c1", name="Cow", color="#000000")])
    await proposals.work.missions.save(SaveMission(project_id=proposals.medium.project_id, mission=farm))
    (cow,) = await proposals.made(5, label="Cow")
    (dog,) = await proposals.made(5, label="dog")

    results = await proposals.review(yes(cow), yes(dog, mission="Farm", category="Cow"))

    assert [(one.object.mission, one.object.category) for one in results if one.object] == [(farm.id, "c1")] * 2
    reviews = {one.id: one.review for one in await proposals.page(review=None)}
    assert reviews == {cow: "accepted", dog: "edited"}


@pytest.mark.servers
async def test_accepting_follows_the_rules_of_the_project(proposals: Proposals) -> None:
    (one,) = await proposals.made(5)

    (result,) = await proposals.review(yes(one), rules=Rules(sync_labels=True))

    assert [state.annotation_type for state in result.others] == ["label"]
    label = result.others[0]
    default = MakeDefault(id=new_id("e"), object=label.id, base_revision=1)
    assert [found.status for found in await proposals.medium.apply(default)] == ["applied"]


@pytest.mark.servers
async def test_a_suggestion_that_was_rejected_meanwhile_becomes_no_object(proposals: Proposals) -> None:
    (one,) = await proposals.made(5)
    found = await proposals.stores.suggestions.find(proposals.medium.project_id, proposals.medium.media_id, [one])
    await proposals.review(no(one))

    # Planned before the rejection, written after it.
    asked = ReviewSuggestions(
        project_id=proposals.medium.project_id, media_id=proposals.medium.media_id, verdicts=[yes(one)], author="ben"
    )
    with pytest.raises(ReviewedMeanwhile):
        await proposals.work.reviews.accept(asked, [found[one]], {one: yes(one)})

    assert await proposals.stores.objects.read(proposals.medium.project_id, proposals.medium.media_id) == []
    assert [event.review for event in await proposals.events()] == ["rejected"]


@pytest.mark.servers
async def test_a_run_that_comes_again_touches_nothing_reviewed(proposals: Proposals) -> None:
    event = LabelsSuggested(
        project_id=proposals.medium.project_id, media_id=proposals.medium.media_id, run_id="r1", clip=0, first=0,
        last=9, object_key="k", count=1, model="nano", accept="suggest", author="bot",
    )  # fmt: skip
    track = Suggestion(id=new_id("s"), label="dog", score=0.5, keyframes=[keyframe(0)])
    await proposals.stores.suggestions.keep(event, [(track, track.keyframes)])
    await proposals.review(no(track.id))

    await proposals.stores.suggestions.keep(event, [(track, track.keyframes)])

    assert [one.review for one in await proposals.page(review=None)] == ["rejected"]


@pytest.mark.servers
async def test_suggestions_go_with_their_medium(proposals: Proposals) -> None:
    (one,) = await proposals.made(5)
    await proposals.stores.media.delete(proposals.medium.project_id, proposals.medium.media_id)

    assert await proposals.page() == []
    assert [result.status for result in await proposals.review(yes(one), no(one))] == ["refused", "refused"]


@pytest.mark.servers
async def test_no_list_and_no_review_scans_the_suggestions(proposals: Proposals, no_scan: Any) -> None:
    one, two = await proposals.made(5, 50)
    async with no_scan() as asked:
        for more in (
            {},
            {"review": None},
            {"run_id": "r1"},
            {"first": 1, "last": 9, "page": PageRequest(cursor=encode_cursor(1, "a"))},
        ):
            await proposals.page(**more)
        await proposals.review(yes(one), no(two))
    assert "suggestions" in asked
