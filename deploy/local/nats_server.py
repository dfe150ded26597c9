"""The embedded NATS server: an account for the services, each with a user, and one for subscribers."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from common.contract.services import SERVICES
from deploy.local.child import Program
from deploy.local.credentials import Credentials, write_private
from deploy.local.ports import Ports
from deploy.local.probe import serves

Permissions = Callable[[str], Mapping[str, Sequence[str]]]
ACCOUNT = "TRACKLANE"
USERS = (*SERVICES, "topology", "admin")
# Subscribers have an account without JetStream that shares nothing with the services' account.
SUBSCRIBERS = "SUBSCRIBERS"
DELIVERY = "delivery"


def declared_permissions(user: str) -> Mapping[str, Sequence[str]]:
    """The subjects that a user may publish and subscribe; `topology` manages streams, `admin` is the operator."""
    if user == DELIVERY:
        return {"publish": ["_INBOX.*.>"], "subscribe": ["events.*.*"]}
    if user == "admin":
        return {"publish": [">"], "subscribe": [">"]}
    if user == "topology":
        return {"publish": ["$JS.API.>"], "subscribe": ["_INBOX.>"]}
    from common.messaging.topology import permissions  # noqa: PLC0415 - only a start needs the product's own code

    return permissions(user)


class NatsServer:
    """The NATS server in `home` on `ports`."""

    name = "nats"

    def __init__(
        self, home: Path, ports: Ports, credentials: Credentials, permissions: Permissions = declared_permissions
    ) -> None:
        self._home = home / "nats"
        self._ports = ports
        self.ports = list(ports.of_nats())
        self.credentials = credentials
        self._permissions = permissions

    def prepare(self) -> Program:
        """Write the configuration; returns the program to run."""
        config = self._home / "nats.conf"
        write_private(config, self._configuration())
        command = [str(Path(sys.executable).with_name("nats-server")), "-c", str(config)]
        return Program(self.name, command, ready=self._is_ready, stops_within_s=10)

    def url(self, user: str) -> str:
        """The URL with which a service, `topology`, `admin` or `delivery` connects."""
        return f"nats://{user}:{self.credentials.password(user)}@127.0.0.1:{self._ports.nats}"

    @property
    def address(self) -> str:
        """The URL without user and password."""
        return f"nats://127.0.0.1:{self._ports.nats}"

    async def _is_ready(self) -> bool:
        return await serves(self._ports.nats_monitor, "/healthz")

    def _configuration(self) -> str:
        # JSON is valid NATS configuration, with quoting solved.
        return json.dumps(
            {
                "server_name": "tracklane",
                "listen": f"127.0.0.1:{self._ports.nats}",
                "http": f"127.0.0.1:{self._ports.nats_monitor}",
                "max_payload": 8 * 1024 * 1024,
                "jetstream": {"store_dir": str(self._home / "data"), "max_mem": 2**28, "max_file": 2**36},
                "accounts": {
                    ACCOUNT: {"jetstream": "enabled", "users": [self._user(name) for name in USERS]},
                    SUBSCRIBERS: {"users": [self._user(DELIVERY)]},
                    "SYS": {},
                },
                "system_account": "SYS",
                # The server authenticates these users itself. All others are subscribers, which the
                # gateway authenticates ($SYS.REQ.USER.AUTH).
                "authorization": {
                    "timeout": 3,
                    "auth_callout": {
                        "issuer": self.credentials.nats_issuer,
                        "account": ACCOUNT,
                        "auth_users": [*USERS, DELIVERY],
                    },
                },
            },
            indent=2,
        )

    def _user(self, name: str) -> dict[str, object]:
        allowed = self._permissions(name)
        return {
            "user": name,
            "password": self.credentials.password(name),
            "permissions": {
                "publish": {"allow": list(allowed["publish"])},
                "subscribe": {"allow": list(allowed["subscribe"])},
                **responses(name),
            },
        }


def responses(user: str) -> dict[str, object]:
    """A service may reply once to a request, without the right to publish to inboxes. The user that replies to
    subscribers may not, because subscribers choose the reply subject."""
    return {} if user == DELIVERY else {"allow_responses": {"max": 1, "expires": "2m"}}
