"""What annotation answers about suggestions."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.store.reviews import Reviews
from annotation.store.suggestions import SuggestionStore
from common.answering import answer
from common.given import Given
from common.questions import ListSuggestions, ReviewSuggestions, SuggestionList, VerdictResults

router = NatsRouter()
Suggestions = Annotated[SuggestionStore, Given("suggestions")]
Reviewing = Annotated[Reviews, Given("reviews")]


@router.subscriber(**answer(ListSuggestions))
async def list_suggestions(question: ListSuggestions, suggestions: Suggestions) -> SuggestionList:
    """A page of the suggestions for a medium."""
    return await suggestions.page(question)


@router.subscriber(**answer(ReviewSuggestions))
async def review_suggestions(question: ReviewSuggestions, reviews: Reviewing) -> VerdictResults:
    """Accept and reject suggestions; what became of each verdict."""
    return VerdictResults(results=await reviews.review(question))
