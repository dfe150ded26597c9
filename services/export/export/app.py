"""The export service: archives of labels, streamed out and read in."""

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.service.settings import Settings
from common.storage.egress import EgressPolicy
from common.storage.mongo import database
from export.exporting import consumers as export_consumers
from export.exporting import requests as export_requests
from export.exporting.repository import MIGRATIONS, ExportRepository
from export.exporting.service import ExportService
from export.importing import consumers as import_consumers
from export.importing import requests as import_requests
from export.importing.repository import ImportRepository, create_import_indexes
from export.importing.service import ImportService
from export.storage.archives import Archives
from export.storage.destinations import Destinations
from export.storage.secret_box import SecretBox
from export.versions import requests as version_requests
from export.versions.repository import VersionRepository, create_version_indexes
from export.versions.service import VersionService


class ExportSettings(Settings):
    """`s3_targets_allowed`: networks beyond the public ones to which archives may be sent and from which label files
    may be fetched, separated by commas: `10.2.0.0/16`, or `10.2.0.7:9000` for one port."""

    s3_targets_allowed: str = ""


def create() -> FastAPI:
    """The service, wired; run by `uvicorn --factory export.app:create`."""
    settings = ExportSettings()
    bus = Bus("export", settings)
    db = database(settings)
    exports, imports, versions = ExportRepository(db), ImportRepository(db), VersionRepository(db, bus.objects)
    # The URL of S3 is the one secret that all replicas share and that is not in the database.
    box, policy = SecretBox(settings.s3_url), EgressPolicy.of(settings.s3_targets_allowed)
    destinations = Destinations(Archives(bus.objects), box, policy)
    export_service = ExportService(exports, versions, destinations, bus)
    import_service = ImportService(imports, destinations, bus)
    version_service = VersionService(versions, bus, bus)
    return service(
        bus,
        export_consumers.router,
        export_requests.router,
        import_consumers.router,
        import_requests.router,
        version_requests.router,
        database=db,
        migrations=(*MIGRATIONS, create_import_indexes, create_version_indexes),
        background=[
            export_service.outbox.run,
            import_service.outbox.run,
            version_service.outbox.run,
            import_service.delete_expired_archives,
        ],
        export_service=export_service,
        import_service=import_service,
        version_service=version_service,
    )
