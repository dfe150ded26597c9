"""Browser sessions, stored as fingerprints so that a stolen database opens nothing, and failed sign-ins."""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from common.storage.mongo import Database, Document
from gateway.domain.accounts import Session
from gateway.domain.credentials import fingerprint, new_secret


class SessionRepository:
    """The sessions of signed-in browsers."""

    def __init__(self, database: Database, lifetime: timedelta) -> None:
        self._sessions = database.sessions
        self.lifetime = lifetime

    async def open(self, user_id: str, now: datetime) -> str:
        """A new session; returns the secret for the cookie."""
        secret = new_secret()
        await self._sessions.insert_one(
            {"_id": fingerprint(secret), "user_id": user_id, "created_at": now, "expires_at": now + self.lifetime}
        )
        return secret

    async def find(self, secret: str, now: datetime) -> Session | None:
        """The session of a secret; one in use is extended after half of its lifetime."""
        document = await self._sessions.find_one({"_id": fingerprint(secret), "expires_at": {"$gt": now}})
        if document is None:
            return None
        expires_at: datetime = document["expires_at"]
        if expires_at - now < self.lifetime / 2:
            expires_at = now + self.lifetime
            await self._sessions.update_one({"_id": document["_id"]}, {"$set": {"expires_at": expires_at}})
        return Session(document["user_id"], expires_at)

    async def close(self, secret: str) -> None:
        """End a session."""
        await self._sessions.delete_one({"_id": fingerprint(secret)})


class SignInAttempts:
    """Failed sign-ins by email and client address, counted in the database so that all replicas agree."""

    KEPT_FOR = timedelta(minutes=15)

    def __init__(self, database: Database) -> None:
        self._attempts = database.attempts

    async def failures(self, key: str, now: datetime) -> tuple[int, datetime | None]:
        """The number of failures in a row, and the time of the next permitted attempt."""
        document = await self._attempts.find_one({"_id": fingerprint(key), "expires_at": {"$gt": now}})
        return (document["failures"], document["until"]) if document else (0, None)

    async def count(self, key: str, failures: int, now: datetime, wait: timedelta) -> bool:
        """Count an attempt as failed before it is tried; False if another one was counted in the meantime."""
        replaced: Document = {"failures": failures + 1, "until": now + wait, "expires_at": now + wait + self.KEPT_FOR}
        known = {"failures": failures} if failures else {"expires_at": {"$lte": now}}
        try:
            await self._attempts.update_one({"_id": fingerprint(key), **known}, {"$set": replaced}, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def reset(self, key: str) -> None:
        """Forget the failures after a successful sign-in."""
        await self._attempts.delete_one({"_id": fingerprint(key)})
