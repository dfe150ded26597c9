"""Access to MongoDB: the database of a service and its migrations. The only module that uses motor.

Motor is in its last year of support; the async client of PyMongo can replace it here.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import DuplicateKeyError

from common.service.settings import Settings

Document = dict[str, Any]
Database = Any
Migration = Callable[[Database], Awaitable[None]]


def database(settings: Settings) -> Database:
    """The database of the service, connected on first use. Writes are acknowledged by the journal of a majority."""
    client: Any = AsyncIOMotorClient(
        settings.mongo_url,
        appname="tracklane",
        tz_aware=True,
        serverSelectionTimeoutMS=5000,
        w="majority",
        journal=True,
        retryWrites=True,
        maxPoolSize=64,
    )
    return client[settings.database]


async def migrate(database: Database, migrations: Sequence[Migration]) -> None:
    """Run the migrations that are not applied yet, in order. Each must be idempotent, because two replicas may run it
    at the same time."""
    applied = {document["_id"] async for document in database.migrations.find({}, {"_id": 1})}
    for migration in migrations:
        if migration.__name__ in applied:
            continue
        await migration(database)
        try:
            await database.migrations.insert_one({"_id": migration.__name__, "at": datetime.now(UTC)})
        except DuplicateKeyError:
            continue
