"""What annotation answers about suggestions."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.suggestions.repository import SuggestionStore
from annotation.suggestions.service import Reviews
from common.contract.questions import ListSuggestions, ReviewResults, ReviewSuggestions, SuggestionList
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Suggestions = Annotated[SuggestionStore, Dependency("suggestions")]
Reviewing = Annotated[Reviews, Dependency("reviews")]


@router.subscriber(**request_handler(ListSuggestions))
async def list_suggestions(question: ListSuggestions, suggestions: Suggestions) -> SuggestionList:
    """A page of the suggestions for a medium."""
    return await suggestions.page(question)


@router.subscriber(**request_handler(ReviewSuggestions))
async def review_suggestions(question: ReviewSuggestions, reviews: Reviewing) -> ReviewResults:
    """Accept and reject suggestions; what became of each verdict."""
    return ReviewResults(results=await reviews.review(question))
