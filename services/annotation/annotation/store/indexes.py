"""The indexes that serve history and statistics; a query names the one it is made for."""

from collections.abc import Sequence

from common.storage.mongo import Database

Index = Sequence[tuple[str, int]]


def _ascending(*fields: str) -> Index:
    return [(field, 1) for field in fields]


# ---- objects ----

# All that objects are counted by: such a count reads this index and not one object.
BY_KIND = _ascending(
    "project_id", "deleted", "mission", "category", "type", "annotation_type", "source", "author", "day", "media_id"
)
BY_VALUE = _ascending("project_id", "deleted", "attributes")

# ---- changes ----

OF_MEDIUM = _ascending("media_id", "at", "_id", "author", "first", "last")
OF_PROJECT = _ascending("project_id", "at", "_id")
OF_PERSON = _ascending("project_id", "author", "day", "at", "_id", "media_id")
OF_OPERATION = _ascending("media_id", "operation")
REVERTS = _ascending("reverts")

# ---- the rest ----

TIME_BY_DAY = _ascending("project_id", "day", "user_id", "seconds")


async def create_indexes_of_history(database: Database) -> None:
    """Indexes over what the first release did not store or was not asked for."""
    for index in (BY_KIND, BY_VALUE):
        await database.objects.create_index(index)
    for index in (OF_MEDIUM, OF_PROJECT, OF_PERSON):
        await database.changes.create_index(index)
    await database.changes.create_index(OF_OPERATION, partialFilterExpression={"joint": True})
    await database.changes.create_index(REVERTS, sparse=True)
    await database.labeling_time.create_index(TIME_BY_DAY)
    await database.tellings.create_index(_ascending("at", "_id"))
