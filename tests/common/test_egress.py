"""Private addresses cannot be reached by entering them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import urllib3

from common.contract.errors import Problem
from common.storage.egress import EgressPolicy, EgressPool, resolve_host

OWN = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
]


@pytest.mark.parametrize("address", OWN)
def test_private_addresses_are_refused_in_every_notation(address: str) -> None:
    assert not EgressPolicy().allows(address, 443)


@pytest.mark.parametrize("address", ["1.1.1.1", "52.216.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert EgressPolicy().allows(address, 443)


def test_the_operator_may_allow_networks_and_single_ports() -> None:
    allowed = EgressPolicy.of("10.2.0.0/16, 127.0.0.1:9000 fd00::/8")

    assert allowed.allows("10.2.9.9", 1)
    assert not allowed.allows("10.3.0.1", 1)
    assert allowed.allows("127.0.0.1", 9000)
    assert not allowed.allows("127.0.0.1", 9001)
    assert allowed.allows("::ffff:127.0.0.1", 9000)
    assert allowed.allows("fd00::5", 80)
    assert allowed.allows("1.1.1.1", 443)
    with pytest.raises(ValueError, match="example"):
        EgressPolicy.of("example.com")


@contextmanager
def serving(location: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine: its port, and the requested paths. It may redirect all requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(307 if location else 200)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0"])
def test_a_connection_is_refused_before_it_is_made(host: str) -> None:
    with serving() as (port, asked), pytest.raises(Problem, match="external_address_not_public"):
        EgressPool(EgressPolicy()).request("GET", f"http://{host}:{port}/")

    assert asked == []


def test_redirects_are_not_followed() -> None:
    with serving() as (inner, reached), serving(f"http://127.0.0.1:{inner}/secret") as (port, asked):
        pool = EgressPool(EgressPolicy.of(f"127.0.0.1:{port} 127.0.0.1:{inner}"))
        answer = pool.request("GET", f"http://127.0.0.1:{port}/", redirect=True)

    assert (answer.status, asked, reached) == (307, ["/"], [])


def test_the_checked_address_is_the_one_connected_to() -> None:
    answers = [["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1", "127.0.0.1"]]
    looked_up: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return answers[len(looked_up) - 1]

    with serving() as (port, asked):
        reachable = EgressPolicy.of(f"127.0.0.1:{port}")
        url = f"http://bucket.example:{port}/"
        assert EgressPool(reachable, changing).request("GET", url).status == 200
        with pytest.raises(Problem, match=r"external_address_not_public.*bucket\.example"):
            EgressPool(reachable, changing).request("GET", url)
        assert EgressPool(reachable, changing).request("GET", url).status == 200

    assert looked_up == ["bucket.example"] * 3
    assert len(asked) == 2


def test_an_unknown_host_is_reported() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(urllib3.exceptions.HTTPError):
        EgressPool(EgressPolicy(), unknown).request("GET", "http://nowhere.invalid/", retries=False)


def test_host_names_are_resolved() -> None:
    assert "127.0.0.1" in resolve_host("localhost", 80)
