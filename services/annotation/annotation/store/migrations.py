"""The indexes behind every query."""

from common.mongo import Database, Migration


async def create_indexes(database: Database) -> None:
    """One index a query; what waits to be done is indexed only while it waits."""
    await database.objects.create_index([("media_id", 1), ("deleted", 1), ("first", 1), ("last", 1)])
    await database.objects.create_index(
        [("project_id", 1), ("media_id", 1), ("_id", 1)], partialFilterExpression={"deleted": False}
    )
    await database.changes.create_index([("media_id", 1), ("edit_id", 1)], unique=True)
    await database.changes.create_index([("at", 1), ("_id", 1)], partialFilterExpression={"untold": True})
    await database.clips.create_index([("media_id", 1)])
    await database.clips.create_index([("dirty", 1)], partialFilterExpression={"dirty": True})
    await database.clips.create_index([("untold", 1)], partialFilterExpression={"untold": True})
    await database.missions.create_index([("project_id", 1), ("position", 1), ("_id", 1)])
    await database.missions.create_index([("project_id", 1), ("name", 1)], unique=True)
    await database.suggestions.create_index([("media_id", 1), ("review", 1), ("first", 1)])


MIGRATIONS: tuple[Migration, ...] = (create_indexes,)
