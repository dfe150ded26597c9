"""Suggestions of models, and their review."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, TypeAdapter

from common.contract import questions
from common.contract.edits import EditResult
from common.contract.labels import Id
from gateway.dependencies import Dependencies, Injected
from gateway.http.access import MediumLabeler, MediumReader, ResourceAccess
from gateway.http.batches import json_body, parse_object, parse_small, validate_each
from gateway.http.openapi import json_request_body
from gateway.http.parameters import FrameRange, PageQuery, WorkSession
from gateway.http.responses import Page, forward, json_response
from gateway.http.validation import RequestModel

router = APIRouter(tags=["labels"])
_DECISION = TypeAdapter(questions.ReviewDecision)


class ReviewDecisions(RequestModel):
    """Decisions on suggestions: reject, accept, or accept with another category or other keyframes."""

    decisions: list[questions.ReviewDecision] = Field(min_length=1, max_length=500)


@router.get("/media/{medium}/suggestions", response_model=Page[questions.PendingSuggestion])
async def list_suggestions(
    access: MediumReader,
    dependencies: Injected,
    page: PageQuery,
    frames: FrameRange,
    *,
    review: Literal["pending", "accepted", "rejected", "edited", "all"] = "pending",
    run: Annotated[Id | None, Query(description="Only of this run.")] = None,
) -> Response:
    """List the suggestions on a medium, or on its frames first…last, ordered by first frame."""
    question = questions.ListSuggestions(
        project_id=access.project_id,
        media_id=access.id,
        first=frames[0],
        last=frames[1],
        review=None if review == "all" else review,
        run_id=run,
        page=page,
    )
    return await forward(question, dependencies)


@router.post(
    "/media/{medium}/suggestions/decisions",
    response_model=questions.ReviewResults,
    openapi_extra=json_request_body(ReviewDecisions),
)
async def review_suggestions(
    request: Request,
    access: MediumLabeler,
    dependencies: Injected,
    work_session: WorkSession = None,
) -> Response:
    """Accept or reject suggestions. Each has its own result; a suggestion keeps its first decision."""
    body = await json_body(request)
    if (valid := parse_small(ReviewDecisions, body)) is not None:
        return json_response(await _review(valid.decisions, access, work_session, dependencies))
    parsed = parse_object(body, ReviewDecisions.model_fields)
    batch = validate_each(parsed.get("decisions"), "decisions", _DECISION, "suggestion")
    reviewed = await _review(batch.items, access, work_session, dependencies) if batch.items else b'{"results":[]}'
    results = batch.in_order(orjson.loads(reviewed)["results"])
    return json_response(orjson.dumps({"results": results}, default=EditResult.model_dump))


async def _review(
    decisions: list[questions.ReviewDecision],
    access: ResourceAccess,
    work_session: str | None,
    dependencies: Dependencies,
) -> bytes:
    return await dependencies.bus.ask_json(
        questions.ReviewSuggestions.model_construct(
            project_id=access.project_id,
            media_id=access.id,
            decisions=decisions,
            author=access.member.user.id,
            session=work_session,
            rules=access.member.rules,
        )
    )
