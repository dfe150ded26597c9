"""The gateway: wiring. Run by `uvicorn --factory gateway.app:create`."""

from functools import partial

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.storage.mongo import database
from gateway.accounts import routes as accounts
from gateway.accounts.mailer import Post
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import Accounts
from gateway.changes import routes as changes
from gateway.dependencies import Parts
from gateway.edits import routes as edits
from gateway.event_schemas import routes as schemas
from gateway.exports import routes as exports
from gateway.formats import routes as formats
from gateway.frames import routes as pictures
from gateway.frames.repository import Segments
from gateway.http import openapi as docs
from gateway.http.middleware import BodyLimit, Shell
from gateway.http.ownership import Ownership
from gateway.http.pages import add_pages
from gateway.http.problems import add_problems, problem_response
from gateway.imports import routes as imports
from gateway.indexes import MIGRATIONS
from gateway.labels import routes as media_labels
from gateway.live import routes as live
from gateway.live.connections import Hub
from gateway.media import routes as media
from gateway.members import routes as members
from gateway.missions import routes as missions
from gateway.models import routes as models
from gateway.objects import routes as objects
from gateway.operations import routes as operations
from gateway.projects import routes as projects
from gateway.projects.outbox import tell_the_rest
from gateway.projects.repository import Projects
from gateway.runs import routes as runs
from gateway.sessions import routes as session
from gateway.sessions.repository import Attempts, Sessions, Tokens
from gateway.settings import GatewaySettings
from gateway.snapshots import routes as snapshots
from gateway.snapshots.repository import Snapshots
from gateway.statistics import routes as statistics
from gateway.subscribers import routes as subscribers
from gateway.subscribers.auth_callout import Gatekeeper
from gateway.subscribers.repository import Subscribers
from gateway.suggestions import routes as suggestions
from gateway.tokens import routes as tokens
from gateway.uploads import routes as uploads
from gateway.versions import routes as versions
from gateway.work_sessions import routes as work

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
