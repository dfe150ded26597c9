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
from gateway.dependencies import Parts, With
from gateway.edits.routes import WorkSession
from gateway.http.access import Access, to_medium
from gateway.http.batches import at_once, json_body, judged, parsed
from gateway.http.openapi import body_of
from gateway.http.responses import Cursor, Frames, Limit, Listed, page_of, passed_on

router = APIRouter(tags=["labels"])
_ONE = TypeAdapter(ReviewDecision)


class Verdicts(Model):
    """What I say of suggestions: no, or yes, as they are or with another category or other keyframes."""

    verdicts: list[ReviewDecision] = Field(min_length=1, max_length=500)


@router.get("/media/{medium}/suggestions", response_model=Listed[PendingSuggestion])
async def list_suggestions(
    access: Annotated[Access, to_medium("read")],
    parts: With,
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
        page=page_of(limit, cursor),
    )
    return passed_on(await parts.bus.ask_json(question))


@router.post("/media/{medium}/suggestions/verdicts", response_model=ReviewResults, openapi_extra=body_of(Verdicts))
async def review(
    request: Request, access: Annotated[Access, to_medium("label")], parts: With, work_session: WorkSession = None
) -> Response:
    """Accept or reject suggestions, each answered by itself; one that was reviewed before keeps its first verdict."""
    body = await json_body(request)
    if (verdicts := at_once(Verdicts, body)) is not None:
        return passed_on(await _review(verdicts.verdicts, access, work_session, parts))
    batch = judged(parsed(body), "verdicts", _ONE, "suggestion")
    answer = await _review(batch.items, access, work_session, parts) if batch.items else b'{"results":[]}'
    results = batch.in_order(orjson.loads(answer)["results"])
    return passed_on(orjson.dumps({"results": results}, default=EditResult.model_dump))


async def _review(verdicts: list[ReviewDecision], access: Access, work_session: str | None, parts: Parts) -> bytes:
    return await parts.bus.ask_json(
        ReviewSuggestions.model_construct(
            project_id=access.project_id,
            media_id=access.id,
            verdicts=verdicts,
            author=access.member.user.id,
            session=work_session,
            rules=access.member.rules,
        )
    )
