"""Bearer tokens of programs, stored as fingerprints."""

from datetime import datetime, timedelta

from common.contract.questions import PageRequest
from common.service.ids import new_id
from common.storage.mongo import Database, Document
from gateway.domain.accounts import Token
from gateway.domain.credentials import fingerprint, new_secret
from gateway.paging import ListPage, find_page

PREFIX = "tracklane_"  # lets scanners recognize leaked secrets


class TokenRepository:
    """The bearer tokens that users created for their programs."""

    def __init__(self, database: Database) -> None:
        self._tokens = database.tokens

    async def add(self, user_id: str, name: str, now: datetime, expires_at: datetime | None) -> tuple[Token, str]:
        """A new token and its secret, which cannot be read again."""
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
        """The user id and the token of a secret; None if it is unknown or expired."""
        document = await self._tokens.find_one({"hash": fingerprint(secret)})
        if document is None or (document.get("expires_at") or now + timedelta(1)) <= now:
            return None
        return document["user_id"], _token(document)

    async def page(self, user_id: str, page: PageRequest) -> ListPage[Token]:
        """A user's tokens, newest first."""
        return await find_page(self._tokens, {"user_id": user_id}, page, _token, order="_id")

    async def remove(self, user_id: str, token_id: str) -> bool:
        """Delete a user's token; False without one."""
        deleted = await self._tokens.delete_one({"_id": token_id, "user_id": user_id})
        return bool(deleted.deleted_count)


def _token(document: Document) -> Token:
    return Token(document["_id"], document["name"], document["created_at"], document.get("expires_at"))
