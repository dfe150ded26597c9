"""Users, and the links that verify their email addresses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pymongo.errors import DuplicateKeyError

from common.service.ids import new_id
from common.storage.mongo import Database, Document
from gateway.domain.accounts import User
from gateway.domain.credentials import fingerprint, new_secret, normalized_email

LINK_LIFETIME = timedelta(hours=48)
# Used and expired links are kept this long, to distinguish them from unknown ones.
LINK_KEPT_FOR = timedelta(days=30)
EMAIL_INTERVAL = timedelta(seconds=30)


class EmailTaken(Exception):
    """Another account has this email address."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to add."""

    name: str
    email: str
    password_hash: str
    terms_version: str
    superuser: bool = False


class AccountRepository:
    """The users of this installation."""

    def __init__(self, database: Database) -> None:
        self._users = database.users
        self._verifications = database.verifications

    async def add(self, new: NewUser, now: datetime, *, user_id: str | None = None, verified: bool = False) -> User:
        """A new account; the same `user_id` and address again is the same account. Accounts that were not verified in
        time are replaced.

        Raises:
            EmailTaken: there is another account with this address.
        """
        email = normalized_email(new.email)
        await self._users.delete_one({"email": email, "unverified_until": {"$lt": now}})
        document: Document = {
            "_id": user_id or new_id("u"),
            "name": new.name,
            "email": email,
            "password_hash": new.password_hash,
            "superuser": new.superuser,
            "terms": {"version": new.terms_version, "at": now},
            "created_at": now,
        }
        document |= {"verified_at": now} if verified else {"unverified_until": now + LINK_LIFETIME}
        try:
            await self._users.insert_one(document)
        except DuplicateKeyError as error:
            existing = await self._users.find_one({"_id": document["_id"], "email": email})
            if existing is None:
                raise EmailTaken(email) from error
            document = existing
        return _user(document)

    async def remove_unverified(self, user_id: str) -> None:
        """Remove an account whose verification email could not be sent."""
        await self._users.delete_one({"_id": user_id, "verified_at": None})

    async def find(self, user_id: str) -> User | None:
        """The user with this id."""
        document = await self._users.find_one({"_id": user_id})
        return _user(document) if document else None

    async def find_many(self, user_ids: list[str]) -> dict[str, User]:
        """Users by id, without missing ones."""
        cursor = self._users.find({"_id": {"$in": user_ids}})
        return {document["_id"]: _user(document) async for document in cursor}

    async def find_by_email(self, email: str) -> tuple[User, str] | None:
        """The user with this address, and the password hash."""
        document = await self._users.find_one({"email": normalized_email(email)})
        return (_user(document), document["password_hash"]) if document else None

    async def claim_email(self, user_id: str, now: datetime) -> bool:
        """Claim sending a verification email now; False shortly after another one."""
        claimed = await self._users.update_one(
            {
                "_id": user_id,
                "verified_at": None,
                "$or": [{"mailed_at": None}, {"mailed_at": {"$lt": now - EMAIL_INTERVAL}}],
            },
            {"$set": {"mailed_at": now}},
        )
        return bool(claimed.modified_count)

    async def release_email(self, user_id: str) -> None:
        """Release the claim of an email that was not sent."""
        await self._users.update_one({"_id": user_id, "verified_at": None}, {"$unset": {"mailed_at": 1}})

    async def new_link(self, user_id: str, now: datetime) -> str:
        """A secret that verifies the user's address once."""
        secret = new_secret()
        await self._verifications.insert_one(
            {
                "_id": fingerprint(secret),
                "user_id": user_id,
                "valid_until": now + LINK_LIFETIME,
                "expires_at": now + LINK_KEPT_FOR,
            }
        )
        return secret

    async def verify(self, secret: str, now: datetime) -> Literal["verified", "already", "expired"]:
        """Open a verification link."""
        link = await self._verifications.find_one({"_id": fingerprint(secret)})
        if link is None:
            return "expired"
        user = await self.find(link["user_id"])
        if user is not None and user.verified:
            return "already"
        if link["valid_until"] < now:
            return "expired"
        changed = await self._users.update_one(
            {"_id": link["user_id"]}, {"$set": {"verified_at": now}, "$unset": {"unverified_until": 1}}
        )
        return "verified" if changed.matched_count else "expired"


def _user(document: Document) -> User:
    return User(
        id=document["_id"],
        name=document["name"],
        email=document["email"],
        superuser=document["superuser"],
        verified=document.get("verified_at") is not None,
        created_at=document["created_at"],
    )
