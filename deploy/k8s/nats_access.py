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
    """All that the server takes from its environment."""
    return [*(password_variable(user) for user in (*USERS, DELIVERY)), "NATS_ISSUER"]


def access() -> dict[str, Any]:
    """The accounts, the users and whom the gateway admits, in the notation of NATS's chart: `<< $X >>` is the
    variable X."""
    return {
        "accounts": {
            ACCOUNT: {"jetstream": "enabled", "users": [_user(name) for name in USERS]},
            SUBSCRIBERS: {"users": [_user(DELIVERY)]},
            "SYS": {},
        },
        "system_account": "SYS",
        # Users named here are checked against this file. Anyone else is a subscriber, and the gateway decides.
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
    """The whole configuration of the try-out server."""
    config = {
        "server_name": "tracklane",
        "listen": "0.0.0.0:4222",
        "http": "0.0.0.0:8222",
        "max_payload": 8 * 1024 * 1024,
        "jetstream": {"store_dir": "/data", "max_mem": 2**28, "max_file": 9 * 2**30},
        **access(),
    }
    # JSON is valid NATS configuration, but for a variable, which must stand without quotes.
    return _WRITTEN + re.sub(r'"<< (\$\w+) >>"', r"\1", json.dumps(config, indent=2)) + "\n"


def chart_values() -> str:
    """What NATS's official chart is given beside charts/nats.yaml."""
    secret = {name: {"valueFrom": {"secretKeyRef": {"name": SECRET, "key": name}}} for name in variables()}
    values = {"config": {"merge": access()}, "container": {"env": secret}}
    return _WRITTEN + yaml.safe_dump(values, sort_keys=False, width=110)


def files() -> dict[Path, str]:
    """Both files' texts."""
    return {CONFIG: server_config(), CHART_VALUES: chart_values()}
