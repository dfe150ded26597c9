"""The gateway: wiring. Run by `uvicorn --factory gateway.app:create`."""

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.messaging.outbox import Outbox
from common.service.app import service
from common.storage.mongo import Database, database
from gateway.accounts import routes as accounts
from gateway.accounts.mailer import Mailer
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import AccountRepository
from gateway.changes import routes as changes
from gateway.dependencies import Dependencies
from gateway.edits import routes as edits
from gateway.event_schemas import routes as event_schemas
from gateway.exports import routes as exports
from gateway.formats import routes as formats
from gateway.frames import routes as frames
from gateway.frames.repository import ClipIndexRepository
from gateway.http.body_limits import BodyLimitMiddleware
from gateway.http.middleware import RequestMiddleware
from gateway.http.openapi import add_openapi
from gateway.http.pages import add_pages
from gateway.http.problems import add_problems
from gateway.http.validation import DeclaredParametersOnly
from gateway.imports import routes as imports
from gateway.indexes import MIGRATIONS
from gateway.labels import routes as labels
from gateway.live import routes as live
from gateway.live.connections import ConnectionManager
from gateway.media import routes as media
from gateway.members import routes as members
from gateway.missions import routes as missions
from gateway.models import routes as models
from gateway.objects import routes as objects
from gateway.operations import routes as operations
from gateway.ownership import OwnerLookup
from gateway.projects import routes as projects
from gateway.projects.repository import ProjectRepository
from gateway.runs import routes as runs
from gateway.sessions import routes as sessions
from gateway.sessions.repository import SessionRepository, SignInAttempts
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
from gateway.tokens.repository import TokenRepository
from gateway.uploads import routes as uploads
from gateway.versions import routes as versions
from gateway.work_sessions import routes as work_sessions

# Routes are matched in this order: the most frequent ones first.
ROUTERS = (
    edits.router,
    work_sessions.router,
    frames.router,
    objects.router,
    media.router,
    accounts.router,
    sessions.router,
    tokens.router,
    projects.router,
    members.router,
    uploads.router,
    changes.router,
    missions.router,
    labels.router,
    suggestions.router,
    statistics.router,
    snapshots.router,
    models.router,
    runs.router,
    formats.router,
    exports.router,
    versions.router,
    imports.router,
    live.router,
    subscribers.router,
    event_schemas.router,
    operations.router,
)


def create(settings: GatewaySettings | None = None) -> FastAPI:
    """The gateway as an application."""
    settings = settings or GatewaySettings()
    bus = Bus("gateway", settings)
    store = database(settings)
    dependencies = _dependencies(settings, bus, store)
    delivery = EventDelivery(
        settings.nats_delivery_url,
        dependencies.subscribers,
        dependencies.projects,
        EventLog(bus),
        dependencies.connections,
    )
    background = (
        dependencies.connections.forward_events,
        dependencies.connections.forward_presence,
        AuthCallout(bus, dependencies.subscribers, settings).run,
        delivery.run,
        dependencies.project_events.run,
    )
    app = service(bus, database=store, migrations=MIGRATIONS, background=background)
    return _add_http(app, dependencies)


def _dependencies(settings: GatewaySettings, bus: Bus, store: Database) -> Dependencies:
    projects = ProjectRepository(store)
    return Dependencies(
        settings=settings,
        bus=bus,
        connections=ConnectionManager(bus),
        owners=OwnerLookup(bus),
        accounts=AccountRepository(store),
        clip_indexes=ClipIndexRepository(bus.objects),
        mailer=Mailer(settings.smtp_url, settings.home / "mail"),
        passwords=Passwords(),
        projects=projects,
        project_events=Outbox(projects, bus),
        sessions=SessionRepository(store, settings.session_lifetime),
        sign_in_attempts=SignInAttempts(store),
        snapshots=SnapshotRepository(store),
        subscribers=Subscribers(store),
        tokens=TokenRepository(store),
    )


def _add_http(app: FastAPI, dependencies: Dependencies) -> FastAPI:
    app.state.dependencies = dependencies
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1", dependencies=[DeclaredParametersOnly])
    add_openapi(app)
    add_pages(app, dependencies.settings.ui_dir)
    add_problems(app)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(RequestMiddleware, is_secure=dependencies.settings.is_secure)
    return app
