"""NATS permissions in a cluster, generated from `common.messaging.topology` for the dev server and for NATS's chart.

`make manifests` writes both files; a test compares them. Passwords are not in them: the server
takes those from its environment, the Secret `nats-users` (`deploy.k8s.passwords`).
"""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from deploy.local.nats_server import ACCOUNT, DELIVERY, SUBSCRIBERS, USERS, declared_permissions, responses

HERE = Path(__file__).parent
CONFIG = HERE / "components" / "backing" / "nats.conf"
CHART_VALUES = HERE / "charts" / "nats-access.yaml"
SECRET = "nats-users"  # noqa: S105  the name of a Secret
_WRITTEN = "# Written by `make manifests` from libs/common/common/messaging/topology.py. Do not edit.\n"


def password_variable(user: str) -> str:
    """The variable, and the key of the Secret, that holds a user's password."""
    return f"{user.upper()}_PASSWORD"


def variables() -> list[str]:
    """The environment variables of the server."""
    return [*(password_variable(user) for user in (*USERS, DELIVERY)), "NATS_ISSUER"]


def access() -> dict[str, Any]:
    """The accounts and users in the notation of NATS's chart: `<< $X >>` is the variable X."""
    return {
        "accounts": {
            ACCOUNT: {"jetstream": "enabled", "users": [_user(name) for name in USERS]},
            SUBSCRIBERS: {"users": [_user(DELIVERY)]},
            "SYS": {},
        },
        "system_account": "SYS",
        # The server authenticates these users itself. All others are subscribers, which the gateway authenticates.
        "authorization": {
            "timeout": 3,
            "auth_callout": {"issuer": "<< $NATS_ISSUER >>", "account": ACCOUNT, "auth_users": [*USERS, DELIVERY]},
        },
    }


def _user(name: str) -> dict[str, Any]:
    allowed = declared_permissions(name)
    return {
        "user": name,
        "password": f"<< ${password_variable(name)} >>",
        "permissions": {
            "publish": {"allow": list(allowed["publish"])},
            "subscribe": {"allow": list(allowed["subscribe"])},
            **responses(name),
        },
    }


def server_config() -> str:
    """The configuration of the development server."""
    config = {
        "server_name": "tracklane",
        "listen": "0.0.0.0:4222",
        "http": "0.0.0.0:8222",
        "max_payload": 8 * 1024 * 1024,
        "jetstream": {"store_dir": "/data", "max_mem": 2**28, "max_file": 9 * 2**30},
        **access(),
    }
    # JSON is valid NATS configuration, except that variables must not be quoted.
    return _WRITTEN + re.sub(r'"<< (\$\w+) >>"', r"\1", json.dumps(config, indent=2)) + "\n"


def chart_values() -> str:
    """The values of NATS's official chart, in addition to charts/nats.yaml."""
    secret = {name: {"valueFrom": {"secretKeyRef": {"name": SECRET, "key": name}}} for name in variables()}
    values = {"config": {"merge": access()}, "container": {"env": secret}}
    return _WRITTEN + yaml.safe_dump(values, sort_keys=False, width=110)


def files() -> dict[Path, str]:
    """The content of both files."""
    return {CONFIG: server_config(), CHART_VALUES: chart_values()}
