"""Subscribers: programs that follow a project's annotation events over NATS, each with its own user."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Response
from pydantic import BaseModel

from common.contract.errors import Problem
from gateway.dependencies import Injected
from gateway.domain.projects import Member
from gateway.http.access import project_access
from gateway.http.fields import Name
from gateway.http.parameters import PageQuery
from gateway.http.responses import Page
from gateway.http.validation import RequestModel
from gateway.settings import GatewaySettings
from gateway.subscribers.permissions import SubscriberAccess
from gateway.subscribers.repository import Subscriber

router = APIRouter(tags=["subscribers"])
SubscribingMember = Annotated[Member, project_access("subscribe")]


class NewSubscriber(RequestModel):
    """A new subscriber."""

    name: Name


class SubscriberJson(BaseModel):
    """A subscriber. Connect to `server` as `user` with `inbox_prefix`; request `read_subject` for events, and
    `commit_subject` to store how far they are processed."""

    id: str
    name: str
    user: str
    server: str
    inbox_prefix: str
    read_subject: str
    commit_subject: str
    created_by: str
    created_at: datetime


class ShownSubscriber(SubscriberJson):
    """A new subscriber with its password, which is shown only once."""

    password: str


@router.post("/projects/{project}/subscribers", status_code=201)
async def add_subscriber(new: NewSubscriber, member: SubscribingMember, dependencies: Injected) -> ShownSubscriber:
    """Create a NATS user that can read this project's annotation events, and nothing else."""
    if not dependencies.settings.nats_issuer_seed or not dependencies.settings.nats_delivery_url:
        raise Problem("subscribers_not_configured")
    subscriber, password = await dependencies.subscribers.add(
        member.project_id, new.name, member.user.id, dependencies.clock()
    )
    return ShownSubscriber(**_json(subscriber, dependencies.settings).model_dump(), password=password)


@router.get("/projects/{project}/subscribers")
async def list_subscribers(member: SubscribingMember, dependencies: Injected, page: PageQuery) -> Page[SubscriberJson]:
    """List the project's subscribers, newest first."""
    subscribers = await dependencies.subscribers.page(member.project_id, page)
    items = [_json(subscriber, dependencies.settings) for subscriber in subscribers.items]
    return Page(items=items, next_cursor=subscribers.next_cursor)


@router.delete("/projects/{project}/subscribers/{subscriber}", status_code=204)
async def remove_subscriber(subscriber: str, member: SubscribingMember, dependencies: Injected) -> Response:
    """Delete a subscriber. It gets no further event; its connection is closed by the server within the hour."""
    if not await dependencies.subscribers.remove(member.project_id, subscriber):
        raise Problem("subscriber_not_found")
    return Response(status_code=204)


def _json(subscriber: Subscriber, settings: GatewaySettings) -> SubscriberJson:
    access = SubscriberAccess.of(subscriber.id, subscriber.project_id)
    return SubscriberJson(
        id=subscriber.id,
        name=subscriber.name,
        user=subscriber.id,
        server=settings.nats_public_url or _without_password(settings.nats_url),
        inbox_prefix=access.inbox_prefix,
        read_subject=access.read_subject,
        commit_subject=access.commit_subject,
        created_by=subscriber.created_by,
        created_at=subscriber.created_at,
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url.split(",", maxsplit=1)[0])
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 4222}"
