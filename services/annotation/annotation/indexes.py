"""All indexes. Queries of history and statistics specify their index."""

from collections.abc import Sequence

from common.storage.mongo import Database, Migration

Index = Sequence[tuple[str, int]]


def _ascending(*fields: str) -> Index:
    return [(field, 1) for field in fields]


# Covers counts of objects by any dimension, without reading objects.
BY_CLASS = _ascending(
    "project_id", "deleted", "mission", "category", "type", "annotation_type", "source", "author", "day", "media_id"
)
BY_VALUE = _ascending("project_id", "deleted", "attributes")

OF_MEDIUM = _ascending("media_id", "at", "_id", "author", "first", "last")
OF_PROJECT = _ascending("project_id", "at", "_id")
OF_PERSON = _ascending("project_id", "author", "day", "at", "_id", "media_id")
OF_OPERATION = _ascending("media_id", "operation")
REVERTS = _ascending("reverts")

TIME_BY_DAY = _ascending("project_id", "day", "user_id", "seconds")


async def create_indexes_of_history(database: Database) -> None:
    """Indexes that serve history and statistics."""
    for index in (BY_CLASS, BY_VALUE):
        await database.objects.create_index(index)
    for index in (OF_MEDIUM, OF_PROJECT, OF_PERSON):
        await database.changes.create_index(index)
    await database.changes.create_index(OF_OPERATION, partialFilterExpression={"joint": True})
    await database.changes.create_index(REVERTS, sparse=True)
    await database.labeling_time.create_index(TIME_BY_DAY)
    await database.unpublished_events.create_index(_ascending("at", "_id"))


async def create_indexes(database: Database) -> None:
    """One index per query. Pending work is only indexed while it is pending."""
    await database.objects.create_index([("media_id", 1), ("deleted", 1), ("first", 1), ("last", 1)])
    await database.objects.create_index(
        [("project_id", 1), ("media_id", 1), ("_id", 1)], partialFilterExpression={"deleted": False}
    )
    await database.changes.create_index([("media_id", 1), ("edit_id", 1)], unique=True)
    await database.changes.create_index([("at", 1), ("_id", 1)], partialFilterExpression={"unpublished": True})
    await database.clips.create_index([("media_id", 1)])
    await database.clips.create_index([("dirty", 1)], partialFilterExpression={"dirty": True})
    await database.clips.create_index([("unpublished", 1)], partialFilterExpression={"unpublished": True})
    await database.missions.create_index([("project_id", 1), ("position", 1), ("_id", 1)])
    # The name of a deleted mission can be used again.
    await database.missions.create_index(
        [("project_id", 1), ("name", 1)], unique=True, partialFilterExpression={"deleted": False}
    )
    await database.suggestions.create_index([("media_id", 1), ("review", 1), ("first", 1)])


async def create_indexes_of_work(database: Database) -> None:
    """Indexes of labels of whole media, suggestions, sessions and labeling time."""
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
    create_indexes_of_history,
    create_indexes_of_work,
)
