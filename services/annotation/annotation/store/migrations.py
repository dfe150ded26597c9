"""The indexes behind every query."""

from annotation.store.first_missions import give_missions_ids
from annotation.store.first_release import store_states_as_json
from annotation.store.indexes import create_indexes_of_history
from common.storage.mongo import Database, Migration


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


async def create_indexes_of_work(database: Database) -> None:
    """Indexes over labels of whole media, suggestions, and who is at work."""
    labels = {"annotation_type": "label"}
    await database.objects.create_index([("media_id", 1)], partialFilterExpression=labels)
    await database.objects.create_index(
        [("project_id", 1), ("mission", 1), ("category", 1), ("media_id", 1)], partialFilterExpression=labels
    )
    await database.media.create_index([("project_id", 1), ("_id", 1)])
    for narrowed in ([("review", 1)], [("run_id", 1)], []):
        await database.suggestions.create_index([("media_id", 1), *narrowed, ("first", 1), ("_id", 1)])
    await database.sessions.create_index([("media_id", 1), ("beat_at", -1)])
    await database.sessions.create_index([("project_id", 1), ("closed", 1), ("active_at", -1)])
    await database.sessions.create_index([("forget_at", 1)], expireAfterSeconds=0)
    await database.labeling_time.create_index([("project_id", 1), ("day", -1), ("user_id", 1)])
    await database.labeling_time.create_index([("project_id", 1), ("user_id", 1), ("day", -1)])


MIGRATIONS: tuple[Migration, ...] = (
    create_indexes,
    give_missions_ids,
    store_states_as_json,
    create_indexes_of_history,
    create_indexes_of_work,
)
