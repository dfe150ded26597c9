"""`python -m gateway.superuser`: make an account that looks after the installation, from EMAIL, PASSWORD and NAME."""

import asyncio
import os
import sys
from datetime import UTC, datetime

from common.storage.mongo import database, migrate
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import AccountRepository, AddressTaken, NewUser
from gateway.domain import terms
from gateway.domain.credentials import MIN_PASSWORD_LENGTH
from gateway.http.fields import address
from gateway.indexes import MIGRATIONS
from gateway.settings import GatewaySettings


async def add_superuser(settings: GatewaySettings, email: str, password: str, name: str) -> str:
    """A sentence about what was done; an account that exists stays as it is."""
    own = database(settings)
    await migrate(own, MIGRATIONS)
    new = NewUser(name, email, await Passwords().hash(password), terms.VERSION, superuser=True)
    try:
        await AccountRepository(own).add(new, datetime.now(UTC), verified=True)
    except AddressTaken:
        return f"An account with the e-mail {email} exists already; nothing was changed."
    return f"The superuser {email} can sign in at {settings.public_url}."


def main() -> str | None:
    """What to say on failure."""
    email, password = os.environ.get("EMAIL", ""), os.environ.get("PASSWORD", "")
    try:
        email = address(email)
    except ValueError as error:
        return f"EMAIL={email}: {error}"
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"PASSWORD: at least {MIN_PASSWORD_LENGTH} characters."
    name = os.environ.get("NAME") or email.partition("@")[0]
    print(asyncio.run(add_superuser(GatewaySettings(), email, password, name)))
    return None


if __name__ == "__main__":
    sys.exit(main())
