"""For those who look after the installation: messages that were given up, and sending them again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from nats.js.errors import NotFoundError
from pydantic import BaseModel

from common.messaging.topology import dead_letters, replay
from common.service.errors import not_found
from gateway.dependencies import Injected
from gateway.http.access import Superuser
from gateway.http.responses import Page

router = APIRouter(tags=["operations"])


class DeadLetter(BaseModel):
    """A message that a consumer gave up: where it lies and why."""

    sequence: int
    stream: str | None
    consumer: str | None
    stream_seq: int | None
    deliveries: int | None
    timestamp: str | None
    reason: str | None


class Replayed(BaseModel):
    """Where the message was published again."""

    subject: str


@router.get("/operations/dead-letters")
async def list_dead_letters(
    _: Superuser, dependencies: Injected, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Page[DeadLetter]:
    """The last messages that were given up, newest first."""
    found: list[dict[str, Any]] = await dead_letters(dependencies.bus.jetstream, limit)
    return Page(items=[DeadLetter.model_validate(letter) for letter in reversed(found)])


@router.post("/operations/dead-letters/{sequence}/replay")
async def replay_dead_letter(_: Superuser, sequence: Annotated[int, Path(ge=1)], dependencies: Injected) -> Replayed:
    """Publish a message once more, as it was."""
    try:
        subject = await replay(dependencies.bus.jetstream, sequence)
    except NotFoundError as error:
        raise not_found("dead letter") from error
    return Replayed(subject=subject)
