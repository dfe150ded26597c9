"""Sessions of browsers and tokens of programs: stored as fingerprints, so that a stolen database opens nothing."""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from common.service.ids import new_id
from common.storage.mongo import Database, Document
from gateway.domain.credentials import fingerprint, new_secret
from gateway.domain.people import Token

PREFIX = "tracklane_"  # so that scanners for leaked secrets recognise them


class SessionRepository:
    """Who is signed in with which browser."""

    def __init__(self, database: Database, lasts: timedelta) -> None:
        self._sessions = database.sessions
        self.lasts = lasts

    async def open(self, user_id: str, now: datetime) -> str:
        """A new session's secret, for the cookie."""
        secret = new_secret()
        await self._sessions.insert_one(
            {"_id": fingerprint(secret), "user_id": user_id, "created_at": now, "expires_at": now + self.lasts}
        )
        return secret

    async def find(self, secret: str, now: datetime) -> tuple[str, datetime] | None:
        """The user and the end of a session; one in use is prolonged once it is half over."""
        found = await self._sessions.find_one({"_id": fingerprint(secret), "expires_at": {"$gt": now}})
        if found is None:
            return None
        expires_at: datetime = found["expires_at"]
        if expires_at - now < self.lasts / 2:
            expires_at = now + self.lasts
            await self._sessions.update_one({"_id": found["_id"]}, {"$set": {"expires_at": expires_at}})
        return found["user_id"], expires_at

    async def close(self, secret: str) -> None:
        """End a session."""
        await self._sessions.delete_one({"_id": fingerprint(secret)})


class TokenRepository:
    """The bearer tokens that users made for their programs."""

    def __init__(self, database: Database) -> None:
        self._tokens = database.tokens

    async def add(self, user_id: str, name: str, now: datetime, expires_at: datetime | None) -> tuple[Token, str]:
        """A new token and its secret, which is never shown again."""
        secret = new_secret(PREFIX)
        document: Document = {
            "_id": new_id("t"),
            "user_id": user_id,
            "name": name,
            "hash": fingerprint(secret),
            "created_at": now,
        }
        if expires_at is not None:
            document["expires_at"] = expires_at
        await self._tokens.insert_one(document)
        return _token(document), secret

    async def find(self, secret: str, now: datetime) -> tuple[str, Token] | None:
        """The user of a token, and the token; None if it is unknown or over."""
        found = await self._tokens.find_one({"hash": fingerprint(secret)})
        if found is None or (found.get("expires_at") or now + timedelta(1)) <= now:
            return None
        return found["user_id"], _token(found)

    async def page(self, user_id: str, limit: int, cursor: str | None) -> list[Token]:
        """A user's tokens, newest first, from below `cursor` on."""
        query: Document = {"user_id": user_id} | ({"_id": {"$lt": cursor}} if cursor else {})
        found = self._tokens.find(query).sort("_id", -1).limit(limit)
        return [_token(document) async for document in found]

    async def remove(self, user_id: str, token_id: str) -> bool:
        """Delete a user's token; False if there is none."""
        deleted = await self._tokens.delete_one({"_id": token_id, "user_id": user_id})
        return bool(deleted.deleted_count)


def _token(document: Document) -> Token:
    return Token(document["_id"], document["name"], document["created_at"], document.get("expires_at"))


class SignInAttempts:
    """Failed log-ins by address and place, counted in the database so that all replicas agree."""

    REMEMBERED = timedelta(minutes=15)

    def __init__(self, database: Database) -> None:
        self._attempts = database.attempts

    async def failures(self, key: str, now: datetime) -> tuple[int, datetime | None]:
        """How many failed in a row, and until when no further attempt is heard."""
        found = await self._attempts.find_one({"_id": fingerprint(key), "expires_at": {"$gt": now}})
        return (found["failures"], found["until"]) if found else (0, None)

    async def count(self, key: str, failures: int, now: datetime, wait: timedelta) -> bool:
        """Count an attempt as failed before it is tried; False if another attempt was counted meanwhile."""
        replaced: Document = {"failures": failures + 1, "until": now + wait, "expires_at": now + wait + self.REMEMBERED}
        known = {"failures": failures} if failures else {"expires_at": {"$lte": now}}
        try:
            await self._attempts.update_one({"_id": fingerprint(key), **known}, {"$set": replaced}, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def forget(self, key: str) -> None:
        """The right password was given: start counting anew."""
        await self._attempts.delete_one({"_id": fingerprint(key)})
