"""The variables in the manifests are those that the services read, and nothing that has to be set is missing."""

import importlib
import inspect
from functools import cache

import pytest

from common.messaging.topology import TopologySettings
from common.service.settings import Settings
from tests.deploy.rendered import OVERLAYS, SERVICES, Manifest, container, deployments, named, of_kind

PREFIX = "TRACKLANE_"
# Read by others than our settings.
OF_OTHERS = {"FORWARDED_ALLOW_IPS": "uvicorn", "UVICORN_APP": "uvicorn"}
# Each service needs these; without one it would look for a server on its own pod.
SERVERS = {"TRACKLANE_NATS_URL", "TRACKLANE_MONGO_URL", "TRACKLANE_S3_URL"}


def variables(overlay: str, manifest: Manifest) -> set[str]:
    """The names of all variables that a container gets."""
    app = container(manifest)
    own = {variable["name"] for variable in app.get("env", [])}
    config_maps = of_kind(overlay, "ConfigMap")
    shared = {name for source in app["envFrom"] for name in config_maps[source["configMapRef"]["name"]]["data"]}
    return own | shared


@cache
def settings_of(service: str) -> set[str]:
    """The variables that a service reads: the fields of the settings that its modules define or use."""
    app = importlib.import_module(f"{service}.app")
    found = {member for _, member in inspect.getmembers(app, inspect.isclass) if issubclass(member, Settings)}
    return {PREFIX + field.upper() for settings in found for field in settings.model_fields}


def everything_read() -> set[str]:
    read = {PREFIX + field.upper() for field in TopologySettings.model_fields}
    return read.union(*(settings_of(service) for service in SERVICES))


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_read(overlay: str, service: str) -> None:
    assert variables(overlay, deployments(overlay)[service]) - everything_read() - OF_OTHERS.keys() == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_services_own_variables_are_its_own_settings(overlay: str, service: str) -> None:
    own = {variable["name"] for variable in container(deployments(overlay)[service])["env"]}

    assert own - OF_OTHERS.keys() <= settings_of(service)
    assert own >= SERVERS


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_topology_job_has_its_server(overlay: str) -> None:
    own = {variable["name"] for variable in container(named(overlay, "Job", "topology"))["env"]}

    assert own == {"TRACKLANE_NATS_URL"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_not_shared_between_services(overlay: str) -> None:
    for service in SERVICES:
        for variable in container(deployments(overlay)[service])["env"]:
            if variable["name"] not in OF_OTHERS:
                assert variable["valueFrom"]["secretKeyRef"]["name"] == service


def test_production_has_a_public_url_and_three_replicas() -> None:
    variables = named("production", "ConfigMap", "tracklane")["data"]

    assert variables["TRACKLANE_PUBLIC_URL"].startswith("https://")
    assert variables["TRACKLANE_PUBLIC_URL"].removeprefix("https://") == next(
        rule["host"] for rule in of_kind("production", "Ingress")["gateway"]["spec"]["rules"]
    )
    assert variables["TRACKLANE_NATS_REPLICAS"] == "3"
    assert {"TRACKLANE_MAIL_FROM", "TRACKLANE_SUPPORT_ADDRESS"} <= variables.keys()
