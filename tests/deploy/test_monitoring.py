"""Alerts and dashboard speak of metrics that the services have."""

import importlib
import json
import pkgutil
import re
from functools import cache
from pathlib import Path

import pytest

from common.contract.services import SERVICES
from deploy.k8s.render import HERE
from tests.deploy.rendered import named, of_kind

DASHBOARD = json.loads((HERE / "components" / "monitoring" / "dashboard.json").read_text())
RULES = named("production", "PrometheusRule", "tracklane")["spec"]["groups"][0]["rules"]
QUERIES = {rule["alert"]: rule["expr"] for rule in RULES} | {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", [])
}
DEFINITION = re.compile(r'\b(Counter|Gauge|Histogram)\(\s*"(tracklane_\w+)"(.*?)\)', re.DOTALL)
USED = re.compile(r"\b(tracklane_\w+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"by \(([^)]*)\)")
SUFFIXES = {"Counter": [""], "Gauge": [""], "Histogram": ["_bucket", "_sum", "_count"]}


@cache
def metrics() -> dict[str, set[str]]:
    """Every metric's name as Prometheus stores it, with its labels, from the sources of all packages."""
    found: dict[str, set[str]] = {}
    for package in ("common", *SERVICES):
        for folder in importlib.import_module(package).__path__:
            for source in Path(folder).rglob("*.py"):
                for kind, name, rest in DEFINITION.findall(source.read_text()):
                    labels = set(re.findall(r'"(\w+)"', re.sub(r'^,\s*"[^"]*"', "", rest)))
                    for suffix in SUFFIXES[kind]:
                        found.setdefault(name + suffix, set()).update(labels)
    return found


def test_the_sources_of_metrics_are_found() -> None:
    assert "consumer" in metrics()["tracklane_consumer_lag"]
    assert "tracklane_message_seconds_bucket" in metrics()
    assert len(list(pkgutil.iter_modules(importlib.import_module("common").__path__))) > 5


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_query_names_metrics_and_labels_that_exist(query: str) -> None:
    used = USED.findall(query)
    labels = {"le"}
    for name, selected in used:
        assert name in metrics(), name
        asked = set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\"", selected))
        assert asked <= metrics()[name], f"{name} has no {asked - metrics()[name]}"
        labels |= metrics()[name]
    if used:
        grouped = {label.strip() for group in GROUPED.findall(query) for label in group.split(",")}
        assert grouped <= labels, grouped - labels


def test_alerts_cover_everything_that_stops_work() -> None:
    text = " ".join(QUERIES[rule["alert"]] for rule in RULES)

    for what in ("DEAD", "tracklane_consumer_lag", "tracklane_consumer_oldest_seconds", "tracklane_changes_unpublished",
                 "replicas_available"):  # fmt: skip
        assert what in text


def test_every_alert_has_a_runbook() -> None:
    assert len(RULES) > 5
    for rule in RULES:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"].endswith(("`dead`.", ".", "?"))


def test_prometheus_finds_every_service() -> None:
    monitor = named("production", "ServiceMonitor", "tracklane")["spec"]
    wanted = monitor["selector"]["matchLabels"].items()

    for service in SERVICES:
        found = of_kind("production", "Service")[service]
        assert wanted <= found["metadata"]["labels"].items()
        assert found["spec"]["ports"][0]["name"] == monitor["endpoints"][0]["port"]


def test_the_dashboard_is_mounted_unchanged() -> None:
    config = named("production", "ConfigMap", "tracklane-dashboard")

    assert json.loads(config["data"]["tracklane.json"]) == DASHBOARD
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_no_two_metrics_have_one_name() -> None:
    defined = [
        name
        for package in ("common", *SERVICES)
        for folder in importlib.import_module(package).__path__
        for source in Path(folder).rglob("*.py")
        for _, name, _ in DEFINITION.findall(source.read_text())
    ]

    assert sorted(defined) == sorted(set(defined))
