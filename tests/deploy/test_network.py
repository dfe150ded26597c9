"""What the network policies let through suffices, and is not everything."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.k8s.passwords import Servers, secrets_for
from tests.deploy.rendered import OVERLAYS, SERVICES, deployments, of_kind, workloads

PRODUCTION = Servers(
    mongo="mongodb://{user}:{password}@db.example.com/{user}?replicaSet=rs0",
    s3="https://key:secret@s3.example.com/tracklane",
    smtp="smtp://mail.example.com:587",
)
WHERE = {"dev": Servers(), "production": PRODUCTION}
DEFAULT_PORTS = {"mongodb": 27017, "nats": 4222, "https": 443, "http": 80, "smtps": 465, "smtp": 25}
Policy = dict[str, Any]
Labels = dict[str, str]


def policies(overlay: str, labels: Labels, direction: str) -> list[Policy]:
    """The policies that bind a pod with these labels."""
    found = (manifest["spec"] for manifest in of_kind(overlay, "NetworkPolicy").values())
    return [policy for policy in found if direction in policy["policyTypes"] and selects(policy["podSelector"], labels)]


def selects(selector: Policy, labels: Labels) -> bool:
    wanted: Labels = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()


def reaches(overlay: str, labels: Labels, port: int, to: Labels | None = None) -> bool:
    """Whether a pod may connect to this port of another pod, or of a machine outside (`to` is None)."""
    rules = [rule for policy in policies(overlay, labels, "Egress") for rule in policy.get("egress", [])]
    return any(allows(rule, "to", port, to) for rule in rules)


def receives(overlay: str, labels: Labels, port: int | str, origin: Labels) -> bool:
    """Whether a pod lets a pod of this namespace connect to this port."""
    rules = [rule for policy in policies(overlay, labels, "Ingress") for rule in policy.get("ingress", [])]
    return any(allows(rule, "from", port, origin) for rule in rules)


def allows(rule: Policy, side: str, port: int | str, peer: Labels | None) -> bool:
    peers = rule.get(side)
    if not any(allowed["port"] == port for allowed in rule.get("ports", [{"port": port}])):
        return False
    if peers is None:
        return True
    return peer is not None and any("podSelector" in each and selects(each["podSelector"], peer) for each in peers)


def labels_of(overlay: str, pod: str) -> Labels:
    return next(template["metadata"]["labels"] for name, template in workloads(overlay) if name == pod)


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", [*SERVICES, "topology"])
def test_a_service_reaches_every_server_it_has_a_url_of(overlay: str, service: str) -> None:
    for name, value in secrets_for(WHERE[overlay])[service].items():
        url = urlsplit(value)
        if url.scheme not in DEFAULT_PORTS:
            continue
        labels, port = labels_of(overlay, service), url.port or DEFAULT_PORTS[url.scheme]
        server = (url.hostname or "").split(".")[-1]
        to = {"app.kubernetes.io/name": server} if overlay == "dev" or server == "nats" else None
        assert reaches(overlay, labels, port, to), f"{service} does not reach {name}"
        if to:
            assert receives(overlay, to, port, labels), f"{server} does not let {service} in"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_traffic_is_denied_by_default(overlay: str) -> None:
    deny = of_kind(overlay, "NetworkPolicy")["deny-all"]["spec"]

    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_services_do_not_reach_each_other(overlay: str) -> None:
    for service in SERVICES:
        for other in SERVICES:
            asked, asker = labels_of(overlay, other), labels_of(overlay, service)
            assert other == "gateway" or not receives(overlay, asked, "http", asker), f"{service} → {other}"
            assert not reaches(overlay, asker, 8080, asked)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_natss_clients_reach_its_monitoring_port_through_keda(overlay: str) -> None:
    for service in SERVICES:
        nats = {"app.kubernetes.io/name": "nats"}
        assert not receives(overlay, nats, 8222, labels_of(overlay, service))
        assert not reaches(overlay, labels_of(overlay, service), 8222, nats)


def test_seaweedfs_lets_only_its_guarded_port_be_reached() -> None:
    s3 = {"app.kubernetes.io/name": "s3"}
    origin = labels_of("dev", "ingest")

    assert receives("dev", s3, 8333, origin)
    assert not any(receives("dev", s3, port, origin) for port in (8888, 9333, 9340, 18888))


def test_production_lets_people_in_through_the_ingress_controller_alone() -> None:
    (rule,) = of_kind("production", "NetworkPolicy")["gateway"]["spec"]["ingress"]

    assert [list(each) for each in rule["from"]] == [["namespaceSelector"]]


def test_every_pod_may_resolve_names() -> None:
    for overlay in OVERLAYS:
        dns = of_kind(overlay, "NetworkPolicy")["dns"]["spec"]
        assert dns["podSelector"] == {}
        assert {port["protocol"] for port in dns["egress"][0]["ports"]} == {"UDP", "TCP"}


def test_deployments_are_bound_by_their_own_policy() -> None:
    for name in deployments("production"):
        assert len(policies("production", labels_of("production", name), "Egress")) >= 3
