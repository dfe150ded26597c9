"""Creates the Secrets of the overlays with random passwords, and prints them for kubectl.

    python -m deploy.k8s.passwords | kubectl create -f -              # everything of overlays/dev
    python -m deploy.k8s.passwords --mongo 'mongodb://{user}:{password}@db.example.com/{user}?replicaSet=rs0' \\
        --s3 'https://KEY:SECRET@s3.example.com/tracklane' --smtp 'smtps://…' > secrets.yaml      # production

`kubectl create` refuses what exists, so a second run cannot lock the services out of their own data.
"""

import argparse
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nkeys
import yaml

from common.contract.services import SERVICES
from deploy.k8s.nats_access import SECRET, password_variable
from deploy.local.nats_server import DELIVERY, USERS

NAMESPACE = "tracklane"
BUCKET = "tracklane"
NATS = "nats://{user}:{password}@nats:4222"
MONGO = "mongodb://{user}:{password}@mongo-0.mongo:27017/{user}?replicaSet=rs0&authSource={user}"
MONGO_ADMIN = "mongodb://admin:{password}@mongo-0.mongo:27017/?authSource=admin"


@dataclass(frozen=True)
class Servers:
    """The URLs of the servers, with `{user}` and `{password}` as placeholders for each service."""

    nats: str = NATS
    mongo: str = MONGO
    s3: str | None = None  # with keys; by default, the server of components/backing with new keys
    smtp: str | None = None


def secrets_for(servers: Servers) -> dict[str, dict[str, str]]:
    """The content of every Secret by name: one for each service, and those of the servers in the cluster."""
    passwords = {user: _password() for user in (*USERS, DELIVERY)}
    issuer_seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_ACCOUNT)
    s3_keys = {"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}
    s3 = servers.s3 or f"http://{s3_keys['accessKey']}:{s3_keys['secretKey']}@s3:8333/{BUCKET}"
    made = {service: _service(service, servers, passwords[service], s3) for service in SERVICES}
    made["gateway"]["TRACKLANE_NATS_ISSUER_SEED"] = issuer_seed.decode()
    made["gateway"]["TRACKLANE_NATS_DELIVERY_URL"] = _at(servers.nats, DELIVERY, passwords)
    if servers.smtp:
        made["gateway"]["TRACKLANE_SMTP_URL"] = servers.smtp
    made["topology"] = {"TRACKLANE_NATS_URL": _at(servers.nats, "topology", passwords)}
    made[SECRET] = {password_variable(user): password for user, password in passwords.items()}
    made[SECRET]["NATS_ISSUER"] = nkeys.from_seed(issuer_seed).public_key.decode()
    if servers.mongo == MONGO:
        made["mongo"] = _mongo()
    if servers.s3 is None:
        made["s3"] = {"s3.json": json.dumps(_identities(s3_keys))}
    return made


def _service(service: str, servers: Servers, password: str, s3: str) -> dict[str, str]:
    return {
        "TRACKLANE_NATS_URL": _at(servers.nats, service, {service: password}),
        "TRACKLANE_MONGO_URL": _at(servers.mongo, service, {service: password}),
        "TRACKLANE_S3_URL": s3,
    }


def _at(url: str, user: str, passwords: Mapping[str, str]) -> str:
    return url.format(user=user, password=passwords[user])


def _mongo() -> dict[str, str]:
    password = _password()
    return {"password": password, "keyfile": secrets.token_hex(128), "url": MONGO_ADMIN.format(password=password)}


def _identities(keys: dict[str, str]) -> dict[str, object]:
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "tracklane", "credentials": [keys], "actions": actions}]}


def _password() -> str:
    # Starts with a letter, because NATS parses numeric values of variables as numbers.
    return "p" + secrets.token_hex(16)


def manifests(servers: Servers) -> str:
    """The namespace and the Secrets as YAML."""
    labels = {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
        "app.kubernetes.io/part-of": NAMESPACE,
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
    made: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "stringData": content,
        }
        for name, content in secrets_for(servers).items()
    ]
    return yaml.safe_dump_all([namespace, *made], sort_keys=False)


def main() -> None:
    """Print the Secrets for the servers of the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nats", default=NATS, help="with {user} and {password}; default: %(default)s")
    parser.add_argument("--mongo", default=MONGO, help="with {user} and {password}; default: %(default)s")
    parser.add_argument("--s3", help="with its keys and the bucket; default: the try-out's own server")
    parser.add_argument("--smtp", help="where the gateway sends mail")
    print(manifests(Servers(**vars(parser.parse_args()))), end="")


if __name__ == "__main__":
    main()
