"""The gateway's indexes: one for every query."""

from common.storage.mongo import Database


async def create_indexes(database: Database) -> None:
    """Create the indexes. MongoDB deletes expired documents by itself; nothing relies on when."""
    await database.users.create_index("email", unique=True)
    await database.users.create_index("unverified_until", expireAfterSeconds=0)
    await database.verifications.create_index("expires_at", expireAfterSeconds=0)
    await database.sessions.create_index("expires_at", expireAfterSeconds=0)
    await database.tokens.create_index("hash", unique=True)
    await database.tokens.create_index([("user_id", 1), ("_id", -1)])
    await database.tokens.create_index("expires_at", expireAfterSeconds=0)
    await database.attempts.create_index("expires_at", expireAfterSeconds=0)
    await database.projects.create_index([("members.user_id", 1), ("sort_key", -1)])
    await database.projects.create_index("outbox_since", partialFilterExpression={"outbox_since": {"$exists": True}})
    await database.subscribers.create_index([("project_id", 1), ("_id", -1)])
    await database.snapshots.create_index([("project_id", 1), ("sort_key", -1)])


MIGRATIONS = (create_indexes,)
