"""The export service: archives of labels, streamed out and read in."""

from functools import partial

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.service.settings import Settings
from common.storage.egress import EgressPolicy
from common.storage.mongo import database
from export.exporting import consumers as handlers
from export.exporting import requests as answers
from export.exporting.outbox import tell_forgotten
from export.exporting.repository import MIGRATIONS, ExportStore
from export.importing import consumers as import_handlers
from export.importing import requests as import_answers
from export.importing.outbox import remove_kept_archives, tell_forgotten_imports
from export.importing.repository import ImportStore, create_import_indexes
from export.storage.archives import Archives
from export.storage.destinations import Destinations
from export.storage.secret_box import Seal
from export.versions import requests as version_answers
from export.versions.outbox import tell_forgotten_news
from export.versions.repository import VersionStore, create_version_indexes


class ExportSettings(Settings):
    """`s3_targets_allowed` names networks beyond the public ones to which archives may be sent, and from which labels
    may be fetched: `10.2.0.0/16`, or `10.2.0.7:9000` for one port only, with commas between them."""

    s3_targets_allowed: str = ""


def create() -> FastAPI:
    """The service, ready to be served by uvicorn."""
    settings = ExportSettings()
    bus = Bus("export", settings)
    records = database(settings)
    exports, imports, versions = ExportStore(records), ImportStore(records), VersionStore(records, bus.objects)
    return service(
        bus,
        handlers.router,
        answers.router,
        import_handlers.router,
        import_answers.router,
        version_answers.router,
        database=records,
        migrations=(*MIGRATIONS, create_import_indexes, create_version_indexes),
        background=[
            partial(tell_forgotten, exports, bus),
            partial(tell_forgotten_imports, imports, bus),
            partial(remove_kept_archives, imports, bus),
            partial(tell_forgotten_news, versions, bus),
        ],
        exports=exports,
        imports=imports,
        versions=versions,
        destinations=Destinations(
            # The one secret that all replicas share and that is not in the database.
            Archives(bus.objects),
            Seal(settings.s3_url),
            EgressPolicy.of(settings.s3_targets_allowed),
        ),
    )
