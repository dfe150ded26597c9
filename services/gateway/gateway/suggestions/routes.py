"""What models propose beside the objects, and what people say of it."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, TypeAdapter

from common.contract.edits import EditResult
from common.contract.labels import Id
from common.contract.model import Model
from common.contract.questions import (
    ListSuggestions,
    PendingSuggestion,
    ReviewDecision,
    ReviewResults,
    ReviewSuggestions,
)
from gateway.dependencies import Dependencies, Injected
from gateway.edits.routes import WorkSession
from gateway.http.access import ResourceAccess, medium_access
from gateway.http.batches import json_body, parse_small, parsed, validate_each
from gateway.http.openapi import json_request_body
from gateway.http.responses import Cursor, Frames, Limit, Page, json_response, page_request

router = APIRouter(tags=["labels"])
_ONE = TypeAdapter(ReviewDecision)


class Verdicts(Model):
    """What I say of suggestions: no, or yes, as they are or with another category or other keyframes."""

    verdicts: list[ReviewDecision] = Field(min_length=1, max_length=500)


@router.get("/media/{medium}/suggestions", response_model=Page[PendingSuggestion])
async def list_suggestions(
    access: Annotated[ResourceAccess, medium_access("read")],
    dependencies: Injected,
    frames: Frames,
    *,
    review: Literal["pending", "accepted", "rejected", "edited", "all"] = "pending",
    run: Annotated[Id | None, Query(description="Only of this run.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The suggestions for a medium, or for its frames first…last, in the order of their first frame."""
    question = ListSuggestions(
        project_id=access.project_id,
        media_id=access.id,
        first=frames[0],
        last=frames[1],
        review=None if review == "all" else review,
        run_id=run,
        page=page_request(limit, cursor),
    )
    return json_response(await dependencies.bus.ask_json(question))


@router.post(
    "/media/{medium}/suggestions/verdicts", response_model=ReviewResults, openapi_extra=json_request_body(Verdicts)
)
async def review(
    request: Request,
    access: Annotated[ResourceAccess, medium_access("label")],
    dependencies: Injected,
    work_session: WorkSession = None,
) -> Response:
    """Accept or reject suggestions, each answered by itself; one that was reviewed before keeps its first verdict."""
    body = await json_body(request)
    if (verdicts := parse_small(Verdicts, body)) is not None:
        return json_response(await _review(verdicts.verdicts, access, work_session, dependencies))
    batch = validate_each(parsed(body), "verdicts", _ONE, "suggestion")
    answer = await _review(batch.items, access, work_session, dependencies) if batch.items else b'{"results":[]}'
    results = batch.in_order(orjson.loads(answer)["results"])
    return json_response(orjson.dumps({"results": results}, default=EditResult.model_dump))


async def _review(
    verdicts: list[ReviewDecision], access: ResourceAccess, work_session: str | None, dependencies: Dependencies
) -> bytes:
    return await dependencies.bus.ask_json(
        ReviewSuggestions.model_construct(
            project_id=access.project_id,
            media_id=access.id,
            verdicts=verdicts,
            author=access.member.user.id,
            session=work_session,
            rules=access.member.rules,
        )
    )
