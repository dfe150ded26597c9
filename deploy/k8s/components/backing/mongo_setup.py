"""Initiates a one-node replica set on a new MongoDB server and creates the database of each service. Idempotent.

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
    """Set up the server at ADMIN_URL."""
    with MongoClient[dict[str, Any]](environment["ADMIN_URL"], directConnection=True) as client:
        services = [url for name, url in environment.items() if name.endswith("_URL") and name != "ADMIN_URL"]
        initiate(client, host=urlsplit(services[0]).netloc.rpartition("@")[2])
        wait_for_primary(client)
        for url in services:
            ensure_user(client, url)


def initiate(client: MongoClient[dict[str, Any]], host: str) -> None:
    """Initiate a replica set with the server as its only member, named `host`."""
    try:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALISED:
            raise


def wait_for_primary(client: MongoClient[dict[str, Any]]) -> None:
    """Wait until the server accepts writes."""
    deadline = time.monotonic() + PRIMARY_WITHIN_S
    while not client.admin.command("hello")["isWritablePrimary"]:
        if time.monotonic() > deadline:
            raise TimeoutError("The server did not become primary: does its own name resolve?")
        time.sleep(0.5)


def ensure_user(client: MongoClient[dict[str, Any]], url: str) -> None:
    """Create the user of `url` with its password and access to its database."""
    parts = urlsplit(url)
    database = client[parts.path.strip("/")]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    exists = database.command("usersInfo", user)["users"]
    database.command("updateUser" if exists else "createUser", user, pwd=password, roles=["readWrite", "dbAdmin"])


if __name__ == "__main__":
    main({name: value for name, value in os.environ.items() if name.endswith("_URL")})
