"""The common shell of all services: operations port, logs, traces, graceful start and stop."""

import asyncio
import contextlib
import gc
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import FastAPI, Response
from fastapi.telemetry import TelemetryConfig
from faststream.nats import NatsRouter
from nats.js.errors import NotFoundError
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from common.messaging.bus import Bus, trace_id
from common.messaging.topology import CONSUMERS, Consumer
from common.service.metrics import CONSUMER_IN_WORK, CONSUMER_LAG, OLDEST_SECONDS
from common.storage.mongo import Database, Migration, migrate

log = structlog.get_logger()
WATCH_INTERVAL_S = 10.0


def service(
    bus: Bus,
    *routers: NatsRouter,
    database: Database | None = None,
    migrations: Sequence[Migration] = (),
    background: Sequence[Callable[[], Awaitable[None]]] = (),
    **context: Any,
) -> FastAPI:
    """Assemble a service. `context` holds the dependencies of handlers by name. `background` tasks run while the
    service is ready and are restarted when they fail.

    The port answers at once; the service is ready when its servers are available.
    """
    _configure_logs(bus)
    # Only the trace ids in logs are needed; spans are not exported.
    trace.set_tracer_provider(TracerProvider(sampler=ALWAYS_OFF))
    for name, value in context.items():
        bus.broker.context.set_global(name, value)
    bus.broker.include_routers(*routers)
    state = _State(bus, database, migrations, background)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(state.start())
        yield
        await state.stop(starting)

    # The gateway creates one span per request; the several spans of FastAPI are not needed.
    quiet: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(title=f"Tracklane {bus.name}", lifespan=lifespan, docs_url=None, redoc_url=None, telemetry=quiet)
    _add_operations(app, state)
    return app


def collect_garbage_rarely() -> None:
    """Run the cyclic garbage collector less often, and exclude long-lived objects: a batch of 500 edits creates 100,000
    objects without a cycle, and at the default threshold, the collector took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _add_operations(app: FastAPI, state: "_State") -> None:
    @app.get("/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/ready", include_in_schema=False)
    async def ready(response: Response) -> dict[str, str]:
        if waiting := await state.waiting_for():
            response.status_code = 503
            return {"status": "waiting", "for": waiting}
        return {"status": "ready"}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class _State:
    def __init__(
        self,
        bus: Bus,
        database: Database | None,
        migrations: Sequence[Migration],
        background: Sequence[Callable[[], Awaitable[None]]],
    ) -> None:
        self.bus = bus
        self.database = database
        self.migrations = migrations
        self.background = background
        self.step: str | None = "start"
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        if self.database is not None:
            await self._wait("MongoDB", self._migrate)
        await self._wait("S3", self._check_bucket)
        await self._wait("NATS", self.bus.broker.connect)
        await self._wait("streams and consumers", self._check_consumers)
        await self.bus.broker.start()
        collect_garbage_rarely()
        self.step = None
        for work in (self._watch_consumers, *self.background):
            self.tasks.append(asyncio.create_task(_forever(work)))
        log.info("ready")

    async def _wait(self, what: str, attempt: Callable[[], Awaitable[Any]]) -> None:
        self.step = what
        delay = 0.1
        while True:
            try:
                await attempt()
            except Exception as error:  # noqa: BLE001  any error of a server that is not available yet
                log.warning("waiting", what=what, error=str(error)[:200])
                await asyncio.sleep(delay)
                delay = min(2 * delay, 5.0)
            else:
                return

    async def _migrate(self) -> None:
        await migrate(self.database, self.migrations)

    async def _check_bucket(self) -> None:
        if not await self.bus.objects.ready():
            raise LookupError(f"Bucket {self.bus.objects.bucket} does not exist")

    @property
    def consumers(self) -> list[Consumer]:
        return [consumer for consumer in CONSUMERS if consumer.by == self.bus.name]

    async def _check_consumers(self) -> None:
        for consumer in self.consumers:
            await self.bus.jetstream.consumer_info(consumer.stream, consumer.durable)

    async def _watch_consumers(self) -> None:
        """Measure lag, and detect deleted consumers: their subscriptions would stay silent without an error."""
        while True:
            for consumer in self.consumers:
                await self._measure(consumer)
            await asyncio.sleep(WATCH_INTERVAL_S)

    async def _measure(self, consumer: Consumer) -> None:
        status = await self.bus.jetstream.consumer_info(consumer.stream, consumer.durable)
        in_work = status.num_ack_pending or 0
        CONSUMER_LAG.labels(consumer.durable).set(status.num_pending or 0)
        CONSUMER_IN_WORK.labels(consumer.durable).set(in_work)
        age = 0.0
        if in_work or status.num_pending:
            with contextlib.suppress(NotFoundError):
                oldest = await self.bus.jetstream.get_msg(
                    consumer.stream,
                    seq=status.ack_floor.stream_seq + 1,
                    subject=consumer.filter_subject,
                    next=True,
                )
                age = _age_s(oldest)
        OLDEST_SECONDS.labels(consumer.durable).set(age)

    async def waiting_for(self) -> str | None:
        if self.step:
            return self.step
        return None if self.bus.connection.is_connected else "NATS"

    async def stop(self, starting: asyncio.Task[None]) -> None:
        starting.cancel()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(starting, *self.tasks, return_exceptions=True)
        self.bus.stopping = True
        await self.bus.broker.stop()
        await self.bus.objects.close()
        log.info("stopped")


def _age_s(message: Any) -> float:
    return max(0.0, (datetime.now(UTC) - message.time).total_seconds()) if message.time else 0.0


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:
            log.warning("background task failed; restarting", error=repr(error), exc_info=error)
            await asyncio.sleep(1.0)
        else:
            return


def _configure_logs(bus: Bus) -> None:
    """One line per log event on stderr, as JSON or as plain text (`TRACKLANE_LOG_JSON=false`)."""

    def add_context(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = bus.name
        if current := trace_id():
            event["trace_id"] = current
        return event

    render: Any = structlog.processors.JSONRenderer()
    if not bus.settings.log_json:
        render = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            add_context,
            structlog.processors.format_exc_info if bus.settings.log_json else structlog.processors.StackInfoRenderer(),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[bus.settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
