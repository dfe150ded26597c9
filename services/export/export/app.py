"""The export service: archives of labels, streamed."""

from functools import partial

from fastapi import FastAPI

from common.bus import Bus
from common.mongo import database
from common.service import service
from common.settings import Settings
from export import answers, handlers
from export.store.archives import Archives
from export.store.exports import MIGRATIONS, ExportStore
from export.telling import tell_forgotten


def create() -> FastAPI:
    """The service, ready to be served by uvicorn."""
    settings = Settings()
    bus = Bus("export", settings)
    records = database(settings)
    exports = ExportStore(records)
    return service(
        bus,
        handlers.router,
        answers.router,
        database=records,
        migrations=MIGRATIONS,
        background=[partial(tell_forgotten, exports, bus)],
        exports=exports,
        archives=Archives(bus.objects),
    )
