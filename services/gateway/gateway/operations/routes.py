"""Operations of the installation: failed messages, and replaying them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from nats.js.errors import NotFoundError
from pydantic import BaseModel

from common.contract.errors import Problem
from common.messaging.topology import dead_letters, replay
from gateway.dependencies import Injected
from gateway.http.authentication import Superuser
from gateway.http.responses import Page

router = APIRouter(tags=["operations"])


class DeadLetter(BaseModel):
    """A message that a consumer could not process."""

    sequence: int
    stream: str | None
    consumer: str | None
    stream_seq: int | None
    deliveries: int | None
    timestamp: str | None
    reason: str | None


class Replayed(BaseModel):
    """The subject on which a message was published again."""

    subject: str


@router.get("/operations/dead-letters")
async def list_dead_letters(
    _: Superuser, dependencies: Injected, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Page[DeadLetter]:
    """List the latest failed messages, newest first."""
    letters = await dead_letters(dependencies.bus.jetstream, limit)
    return Page(items=[DeadLetter.model_validate(letter) for letter in reversed(letters)])


@router.post("/operations/dead-letters/{sequence}/replay")
async def replay_dead_letter(_: Superuser, sequence: Annotated[int, Path(ge=1)], dependencies: Injected) -> Replayed:
    """Publish a failed message again, unchanged."""
    try:
        subject = await replay(dependencies.bus.jetstream, sequence)
    except NotFoundError as error:
        raise Problem("dead_letter_not_found") from error
    return Replayed(subject=subject)
