"""ML platforms that follow a project's annotation events over NATS, each with a user of its own."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Response
from pydantic import BaseModel

from common.service.errors import Problem, not_found
from gateway.dependencies import Injected
from gateway.domain.people import Member, Subscriber
from gateway.http.access import project_access
from gateway.http.fields import Name
from gateway.http.responses import Cursor, Limit, Page
from gateway.settings import GatewaySettings
from gateway.subscribers.permissions import STREAM, Grant

router = APIRouter(tags=["subscribers"])


class NewSubscriber(BaseModel):
    """Who is going to listen."""

    name: Name


class SubscriberJson(BaseModel):
    """A subscriber: connect to `server` as `user` with inbox prefix `inbox_prefix`, and read `durable` of `stream`."""

    id: str
    name: str
    user: str
    server: str
    stream: str
    durable: str
    filter_subject: str
    inbox_prefix: str
    created_at: datetime


class ShownSubscriber(SubscriberJson):
    """A new subscriber; `password` is shown this once."""

    password: str


@router.post("/projects/{project}/subscribers", status_code=201)
async def add_subscriber(
    new: NewSubscriber, member: Annotated[Member, project_access("subscribe")], dependencies: Injected
) -> ShownSubscriber:
    """Make a NATS user that may follow this project's annotation events, and nothing else."""
    if not dependencies.settings.nats_issuer_seed:
        raise Problem(
            501,
            "Not set up",
            "This installation admits no subscribers: TRACKLANE_NATS_ISSUER_SEED is not set.",
        )
    found, password = await dependencies.subscribers.add(
        member.project_id, new.name, member.user.id, dependencies.clock()
    )
    return ShownSubscriber(**_json(found, dependencies.settings).model_dump(), password=password)


@router.get("/projects/{project}/subscribers")
async def list_subscribers(
    member: Annotated[Member, project_access("subscribe")],
    dependencies: Injected,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[SubscriberJson]:
    """The project's subscribers, newest first."""
    found = await dependencies.subscribers.page(member.project_id, limit, cursor)
    more = found[-1].id if len(found) == limit else None
    return Page(items=[_json(subscriber, dependencies.settings) for subscriber in found], next_cursor=more)


@router.delete("/projects/{project}/subscribers/{subscriber}", status_code=204)
async def remove_subscriber(
    subscriber: str, member: Annotated[Member, project_access("subscribe")], dependencies: Injected
) -> Response:
    """Delete a subscriber: it cannot connect any more, and an open connection ends within an hour."""
    if not await dependencies.subscribers.remove(member.project_id, subscriber):
        raise not_found("subscriber")
    return Response(status_code=204)


def _json(subscriber: Subscriber, settings: GatewaySettings) -> SubscriberJson:
    grant = Grant(subscriber.id, subscriber.project_id)
    return SubscriberJson(
        id=subscriber.id,
        name=subscriber.name,
        user=subscriber.id,
        server=settings.nats_public_url or _without_password(settings.nats_url),
        stream=STREAM,
        durable=grant.durable,
        filter_subject=grant.filter_subject,
        inbox_prefix=grant.inbox_prefix,
        created_at=subscriber.created_at,
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url.split(",", maxsplit=1)[0])
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 4222}"
