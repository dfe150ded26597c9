"""The egress policy: the addresses that may be called for a URL entered by a user (SSRF protection).

A host is resolved when the connection is made, and the connection goes to the address that was checked. This also
covers DNS rebinding and redirects.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from common.contract.errors import Problem

Resolver = Callable[[str, int], list[str]]
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Allows public addresses, and the networks that the operator `allowed`, on one port or on all ports (None)."""

    allowed: tuple[tuple[Any, int | None], ...] = ()

    @classmethod
    def of(cls, setting: str) -> "EgressPolicy":
        """Parse networks or addresses, separated by commas or spaces; IPv4 may have a `:port`.

        Raises:
            ValueError: An entry is neither a network nor an address.
        """
        return cls(tuple(_network(word) for word in setting.replace(",", " ").split()))

    def allows(self, address: str, port: int) -> bool:
        """Whether connections to an IP address and port are allowed."""
        target = _unwrapped(ip_address(address))
        if any(target in network and only in (None, port) for network, only in self.allowed):
            return True
        return target.is_global and not target.is_multicast


def _network(word: str) -> tuple[Any, int | None]:
    network, colon, port = word.rpartition(":") if word.count(":") == 1 else (word, "", "")
    return ip_network(network), int(port) if colon else None


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address embedded in an IPv6 address, if any."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1]) or address


def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a host name. Raises socket.gaierror."""
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in results))


class EgressPool(urllib3.PoolManager):
    """Connections to allowed addresses only. Redirects are not followed. A request to a host without an allowed address
    raises Problem `external_address_not_public`."""

    def __init__(self, policy: EgressPolicy, resolve: Resolver = resolve_host) -> None:
        super().__init__(
            maxsize=4,
            timeout=urllib3.Timeout(connect=5, read=60),
            retries=urllib3.Retry(total=3, redirect=False, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
            cert_reqs="CERT_REQUIRED",
            ca_certs=certifi.where(),
        )

        def connect(connection: HTTPConnection) -> socket.socket:
            return _connected(connection, policy, resolve)

        plain = type("Plain", (HTTPConnection,), {"_new_conn": connect})
        secure = type("Secure", (HTTPSConnection,), {"_new_conn": connect})
        self.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    def urlopen(self, method: str, url: str, **more: Any) -> urllib3.BaseHTTPResponse:  # type: ignore[override]
        """The response to a request, without following redirects."""
        return super().urlopen(method, url, **more | {"redirect": False})


def _connected(connection: HTTPConnection, policy: EgressPolicy, resolve: Resolver) -> socket.socket:
    """Connect as urllib3 does, but to a checked address."""
    host, port = connection.host.strip("[]"), connection.port
    try:
        addresses = resolve(host, port)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    allowed = [address for address in addresses if policy.allows(address, port)]
    if not allowed:
        raise Problem("external_address_not_public", host=host)
    failed: OSError = OSError("no address")
    for address in allowed:
        try:
            return create_connection((address, port), connection.timeout, socket_options=connection.socket_options)
        except OSError as error:
            failed = error
    raise NewConnectionError(connection, f"No connection: {failed}") from failed
