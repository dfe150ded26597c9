"""Requests for suggestions."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.suggestions.repository import SuggestionRepository
from annotation.suggestions.service import ReviewService
from common.contract.questions import ListSuggestions, ReviewResults, ReviewSuggestions, SuggestionList
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Suggestions = Annotated[SuggestionRepository, Dependency("suggestions")]
Reviews = Annotated[ReviewService, Dependency("reviews")]


@router.subscriber(**request_handler(ListSuggestions))
async def list_suggestions(question: ListSuggestions, suggestions: Suggestions) -> SuggestionList:
    """A page of the suggestions for a medium."""
    return await suggestions.page(question)


@router.subscriber(**request_handler(ReviewSuggestions))
async def review_suggestions(question: ReviewSuggestions, reviews: Reviews) -> ReviewResults:
    """Accept and reject suggestions; the result of each decision."""
    return ReviewResults(results=await reviews.review(question))
