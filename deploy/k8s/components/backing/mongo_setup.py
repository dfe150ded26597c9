"""Makes a fresh MongoDB server a replica set of one and gives each service its database; harmless to run again.

Reads ADMIN_URL and `<SERVICE>_URL`: each service's own URL, whose user and password it creates. Runs alone, as a
file in a Job; `deploy/local/mongo_server.py` does the same on one machine.
"""

import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pymongo import MongoClient
from pymongo.errors import OperationFailure

ALREADY_INITIALISED = 23
PRIMARY_WITHIN_S = 60


def main(environment: Mapping[str, str]) -> None:
    """Set up the server that ADMIN_URL names."""
    with MongoClient[dict[str, Any]](environment["ADMIN_URL"], directConnection=True) as client:
        services = [url for name, url in environment.items() if name.endswith("_URL") and name != "ADMIN_URL"]
        initiate(client, host=urlsplit(services[0]).netloc.rpartition("@")[2])
        wait_for_primary(client)
        for url in services:
            ensure_user(client, url)


def initiate(client: MongoClient[dict[str, Any]], host: str) -> None:
    """Make the server a replica set whose one member is known as `host`."""
    try:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALISED:
            raise


def wait_for_primary(client: MongoClient[dict[str, Any]]) -> None:
    """Return once the server takes writes."""
    deadline = time.monotonic() + PRIMARY_WITHIN_S
    while not client.admin.command("hello")["isWritablePrimary"]:
        if time.monotonic() > deadline:
            raise TimeoutError("The server did not become primary: does its own name resolve?")
        time.sleep(0.5)


def ensure_user(client: MongoClient[dict[str, Any]], url: str) -> None:
    """Let the user of `url` into the database of `url`, with the password of `url`."""
    parts = urlsplit(url)
    database = client[parts.path.strip("/")]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    exists = database.command("usersInfo", user)["users"]
    database.command("updateUser" if exists else "createUser", user, pwd=password, roles=["readWrite", "dbAdmin"])


if __name__ == "__main__":
    main({name: value for name, value in os.environ.items() if name.endswith("_URL")})
