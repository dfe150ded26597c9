"""The gateway: wiring. Run by `uvicorn --factory gateway.app:create`."""

from functools import partial

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.storage.mongo import database
from gateway.api import (
    accounts,
    changes,
    docs,
    edits,
    exports,
    formats,
    imports,
    live,
    media,
    media_labels,
    members,
    missions,
    models,
    objects,
    operations,
    pictures,
    projects,
    runs,
    schemas,
    session,
    snapshots,
    statistics,
    suggestions,
    tokens,
    uploads,
    versions,
    work,
)
from gateway.api.problems import add_problems, problem_response
from gateway.hub import Hub
from gateway.ownership import Ownership
from gateway.parts import Parts
from gateway.settings import GatewaySettings
from gateway.shell import BodyLimit, Shell
from gateway.store.accounts import Accounts
from gateway.store.migrations import MIGRATIONS
from gateway.store.passwords import Passwords
from gateway.store.post import Post
from gateway.store.projects import Projects
from gateway.store.segments import Segments
from gateway.store.sessions import Attempts, Sessions, Tokens
from gateway.store.snapshots import Snapshots
from gateway.subscribers import routes as subscribers
from gateway.subscribers.auth_callout import Gatekeeper
from gateway.subscribers.repository import Subscribers
from gateway.telling import tell_the_rest
from gateway.ui import add_pages

# A request is matched against one after the other: first what is asked most often.
NOUNS = (
    edits,
    work,
    pictures,
    objects,
    media,
    accounts,
    session,
    tokens,
    projects,
    members,
    uploads,
    changes,
    missions,
    media_labels,
    suggestions,
    statistics,
    snapshots,
    models,
    runs,
    formats,
    exports,
    versions,
    imports,
    live,
    subscribers,
    schemas,
    operations,
)


def create(settings: GatewaySettings | None = None) -> FastAPI:
    """The gateway as an application."""
    settings = settings or GatewaySettings()
    bus = Bus("gateway", settings)
    own = database(settings)
    parts = Parts(
        settings=settings,
        bus=bus,
        hub=Hub(bus),
        ownership=Ownership(bus),
        accounts=Accounts(own),
        attempts=Attempts(own),
        passwords=Passwords(),
        post=Post(settings.smtp_url, settings.home / "mail"),
        projects=Projects(own),
        segments=Segments(bus.objects),
        sessions=Sessions(own, settings.session_lasts),
        snapshots=Snapshots(own),
        subscribers=Subscribers(own),
        tokens=Tokens(own),
    )
    background = (
        parts.hub.follow,
        parts.hub.follow_presence,
        Gatekeeper(bus, parts.subscribers, settings).watch,
        partial(tell_the_rest, parts.projects, bus),
    )
    app = service(bus, database=own, migrations=MIGRATIONS, background=background)
    return _add_http(app, parts)


def _add_http(app: FastAPI, parts: Parts) -> FastAPI:
    app.state.parts = parts
    for noun in NOUNS:
        app.include_router(noun.router, prefix="/api/v1")
    docs.add_docs(app)
    add_pages(app, parts.settings.ui_dir)
    add_problems(app)
    app.add_middleware(BodyLimit, refuse=problem_response)
    app.add_middleware(Shell, is_secure=parts.settings.is_secure)
    return app
