"""Suggestions and reviews on real servers."""

import asyncio
from typing import Any

import pytest

from annotation.domain.missions import OBJECT_DETECTION, mission_id
from annotation.suggestions.repository import ReviewedMeanwhile
from common.contract import questions
from common.contract.edits import EditResult, MakeDefault, Rules
from common.contract.errors import Problem, reason_for
from common.contract.events import LabelsReviewed, LabelsSuggested
from common.contract.labels import Suggestion
from common.contract.missions import Category, Mission
from common.service.ids import new_id
from common.storage.cursor import encode_cursor
from tests.annotation.suggestion_builders import keyframe


class Proposals:
    """Suggestions on a separate medium, and their reviews."""

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

    async def page(self, **more: Any) -> list[questions.PendingSuggestion]:
        about = {"project_id": self.medium.project_id, "media_id": self.medium.media_id}
        found = await self.stores.suggestions.page(questions.ListSuggestions.model_validate(about | more))
        return list(found.items)

    async def review(self, *decisions: questions.ReviewDecision, author: str = "ada", **more: Any) -> list[EditResult]:
        about = {"project_id": self.medium.project_id, "media_id": self.medium.media_id, "author": author}
        request = questions.ReviewSuggestions.model_validate(about | {"decisions": list(decisions)} | more)
        results: list[EditResult] = await self.work.reviews.review(request)
        return results

    async def events(self) -> list[LabelsReviewed]:
        documents = await self.stores.mongo.unpublished_events.find({"type": LabelsReviewed.type}).to_list(None)
        events = [LabelsReviewed.model_validate_json(one["event"]) for one in documents]
        return [event for event in events if event.media_id == self.medium.media_id]


@pytest.fixture
def proposals(medium: Any, work: Any) -> Proposals:
    return Proposals(medium, work)


def yes(suggestion: str, **more: Any) -> questions.ReviewDecision:
    return questions.ReviewDecision.model_validate({"suggestion": suggestion, "accept": True} | more)


def no(suggestion: str) -> questions.ReviewDecision:
    return questions.ReviewDecision(suggestion=suggestion, accept=False)


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
        page = questions.PageRequest(limit=1, cursor=cursor)
        request = questions.ListSuggestions(
            project_id=proposals.medium.project_id, media_id=proposals.medium.media_id, review=None, page=page
        )
        found = await proposals.stores.suggestions.page(request)
        paged += [one.id for one in found.items]
        if (cursor := found.next_cursor) is None:
            break
    assert paged == [*sorted([early, same]), other, late]
    with pytest.raises(Problem):
        await proposals.page(page=questions.PageRequest(cursor="nonsense"))


@pytest.mark.servers
async def test_accepting_creates_an_object_and_rejecting_does_not(proposals: Proposals) -> None:
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
async def test_the_first_decision_is_final(proposals: Proposals) -> None:
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
async def test_concurrent_reviews_have_one_winner(proposals: Proposals) -> None:
    suggestions = await proposals.made(*range(0, 100, 10))

    answers = await asyncio.gather(
        *(proposals.review(*map(decide, suggestions), author=f"user-{number}")
          for number, decide in enumerate((yes, no, yes, no)))
    )  # fmt: skip

    objects = await proposals.stores.objects.read(proposals.medium.project_id, proposals.medium.media_id)
    reviews = {one.id: one for one in await proposals.page(review=None)}
    assert {one.id for one in objects} == {one.id for one in reviews.values() if one.review == "accepted"}
    assert {one.review for one in reviews.values()} <= {"accepted", "rejected"}
    for position in range(len(suggestions)):
        assert sorted(answer[position].status for answer in answers) == ["applied"] + ["duplicate"] * 3
    assert len(await proposals.events()) == len(suggestions)


@pytest.mark.servers
async def test_suggestions_with_invalid_objects_stay_pending(proposals: Proposals) -> None:
    fine, outside, unknown = await proposals.made(5, 3990, 50)

    results = await proposals.review(
        yes(fine), yes(outside, keyframes=[keyframe(4000)]), yes(unknown, category="Unheard of")
    )

    assert [one.status for one in results] == ["applied", "refused", "refused"]
    assert results[1].reason == reason_for("frame_outside_medium", frame=4000, frame_count=4000)
    assert {one.id for one in await proposals.page()} == {outside, unknown}
    assert [one.status for one in await proposals.review(yes(outside))] == ["applied"]


@pytest.mark.servers
async def test_a_label_is_resolved_by_the_categories_of_the_project(proposals: Proposals) -> None:
    farm = Mission(id=new_id("m"), name="Farm", categories=[Category(id="c1", name="Cow", color="#000000")])
    await proposals.work.missions.save(questions.SaveMission(project_id=proposals.medium.project_id, mission=farm))
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
async def test_a_suggestion_rejected_in_the_meantime_creates_no_object(proposals: Proposals) -> None:
    (one,) = await proposals.made(5)
    found = await proposals.stores.suggestions.find(proposals.medium.project_id, proposals.medium.media_id, [one])
    await proposals.review(no(one))

    # Planned before the rejection, written after it.
    request = questions.ReviewSuggestions(
        project_id=proposals.medium.project_id, media_id=proposals.medium.media_id, decisions=[yes(one)], author="ben"
    )
    with pytest.raises(ReviewedMeanwhile):
        await proposals.work.reviews.accept(request, [found[one]], {one: yes(one)})

    assert await proposals.stores.objects.read(proposals.medium.project_id, proposals.medium.media_id) == []
    assert [event.review for event in await proposals.events()] == ["rejected"]


@pytest.mark.servers
async def test_redelivered_suggestions_keep_reviews(proposals: Proposals) -> None:
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
async def test_suggestions_are_deleted_with_their_medium(proposals: Proposals) -> None:
    (one,) = await proposals.made(5)
    await proposals.stores.media.delete(proposals.medium.project_id, proposals.medium.media_id)

    assert await proposals.page() == []
    assert [result.status for result in await proposals.review(yes(one), no(one))] == ["refused", "refused"]


@pytest.mark.servers
async def test_lists_and_reviews_scan_no_collection(proposals: Proposals, no_scan: Any) -> None:
    one, two = await proposals.made(5, 50)
    async with no_scan() as queries:
        for more in (
            {},
            {"review": None},
            {"run_id": "r1"},
            {"first": 1, "last": 9, "page": questions.PageRequest(cursor=encode_cursor(1, "a"))},
        ):
            await proposals.page(**more)
        await proposals.review(yes(one), no(two))
    assert "suggestions" in queries
