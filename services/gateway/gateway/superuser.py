"""`python -m gateway.superuser`: creates a superuser account from EMAIL, PASSWORD and NAME."""

import asyncio
import os
import sys
from datetime import UTC, datetime

from pydantic_core import PydanticCustomError

from common.storage.mongo import database, migrate
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import AccountRepository, EmailTaken, NewUser
from gateway.domain import terms
from gateway.domain.credentials import MIN_PASSWORD_LENGTH
from gateway.http.fields import email_address
from gateway.indexes import MIGRATIONS
from gateway.settings import GatewaySettings


async def add_superuser(settings: GatewaySettings, email: str, password: str, name: str) -> str:
    """Create the account unless it exists; returns a message for the terminal."""
    store = database(settings)
    await migrate(store, MIGRATIONS)
    new = NewUser(name, email, await Passwords().hash(password), terms.VERSION, superuser=True)
    try:
        await AccountRepository(store).add(new, datetime.now(UTC), verified=True)
    except EmailTaken:
        return f"An account with the email {email} already exists; nothing was changed."
    return f"The superuser {email} can sign in at {settings.public_url}."


def main() -> str | None:
    """Create the superuser; returns the error message on failure."""
    email, password = os.environ.get("EMAIL", ""), os.environ.get("PASSWORD", "")
    try:
        email = email_address(email)
    except PydanticCustomError as error:
        return f"EMAIL={email}: {error.message()}"
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"PASSWORD: at least {MIN_PASSWORD_LENGTH} characters."
    name = os.environ.get("NAME") or email.partition("@")[0]
    print(asyncio.run(add_superuser(GatewaySettings(), email, password, name)))
    return None


if __name__ == "__main__":
    sys.exit(main())
