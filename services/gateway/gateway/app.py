"""The gateway: wiring. Run by `uvicorn --factory gateway.app:create`."""

from functools import partial

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.storage.mongo import database
from gateway.accounts import routes as accounts
from gateway.accounts.mailer import Mailer
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import AccountRepository
from gateway.changes import routes as changes
from gateway.dependencies import Dependencies
from gateway.edits import routes as edits
from gateway.event_schemas import routes as schemas
from gateway.exports import routes as exports
from gateway.formats import routes as formats
from gateway.frames import routes as pictures
from gateway.frames.repository import ClipIndexRepository
from gateway.http import openapi as docs
from gateway.http.middleware import BodyLimitMiddleware, RequestMiddleware
from gateway.http.ownership import OwnerLookup
from gateway.http.pages import add_pages
from gateway.http.problems import add_problems, problem_response
from gateway.imports import routes as imports
from gateway.indexes import MIGRATIONS
from gateway.labels import routes as media_labels
from gateway.live import routes as live
from gateway.live.connections import ConnectionManager
from gateway.media import routes as media
from gateway.members import routes as members
from gateway.missions import routes as missions
from gateway.models import routes as models
from gateway.objects import routes as objects
from gateway.operations import routes as operations
from gateway.projects import routes as projects
from gateway.projects.outbox import publish_pending
from gateway.projects.repository import ProjectRepository
from gateway.runs import routes as runs
from gateway.sessions import routes as session
from gateway.sessions.repository import SessionRepository, SignInAttempts, TokenRepository
from gateway.settings import GatewaySettings
from gateway.snapshots import routes as snapshots
from gateway.snapshots.repository import SnapshotRepository
from gateway.statistics import routes as statistics
from gateway.subscribers import routes as subscribers
from gateway.subscribers.auth_callout import AuthCallout
from gateway.subscribers.delivery import EventDelivery
from gateway.subscribers.event_log import EventLog
from gateway.subscribers.repository import Subscribers
from gateway.suggestions import routes as suggestions
from gateway.tokens import routes as tokens
from gateway.uploads import routes as uploads
from gateway.versions import routes as versions
from gateway.work_sessions import routes as work

# A request is matched against one after the other: first what is asked most often.
ROUTERS = (
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
    dependencies = Dependencies(
        settings=settings,
        bus=bus,
        hub=ConnectionManager(bus),
        ownership=OwnerLookup(bus),
        accounts=AccountRepository(own),
        attempts=SignInAttempts(own),
        passwords=Passwords(),
        post=Mailer(settings.smtp_url, settings.home / "mail"),
        projects=ProjectRepository(own),
        segments=ClipIndexRepository(bus.objects),
        sessions=SessionRepository(own, settings.session_lasts),
        snapshots=SnapshotRepository(own),
        subscribers=Subscribers(own),
        tokens=TokenRepository(own),
    )
    background = (
        dependencies.hub.follow,
        dependencies.hub.follow_presence,
        AuthCallout(bus, dependencies.subscribers, settings).run,
        EventDelivery(
            settings.nats_delivery_url,
            dependencies.subscribers,
            dependencies.projects,
            EventLog(bus),
            dependencies.hub,
        ).run,
        partial(publish_pending, dependencies.projects, bus),
    )
    app = service(bus, database=own, migrations=MIGRATIONS, background=background)
    return _add_http(app, dependencies)


def _add_http(app: FastAPI, dependencies: Dependencies) -> FastAPI:
    app.state.dependencies = dependencies
    for noun in ROUTERS:
        app.include_router(noun.router, prefix="/api/v1")
    docs.add_openapi(app)
    add_pages(app, dependencies.settings.ui_dir)
    add_problems(app)
    app.add_middleware(BodyLimitMiddleware, refuse=problem_response)
    app.add_middleware(RequestMiddleware, is_secure=dependencies.settings.is_secure)
    return app
