"""The rendered manifests: valid, complete, hardened, and consistent with each other."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.k8s.check import BROUGHT_BY_OPERATORS, problems
from deploy.k8s.generated import files
from deploy.k8s.render import HERE, render
from tests.deploy.rendered import OVERLAYS, SECRETS, SERVICES, container, deployments, of_kind, workloads

both_overlays = pytest.mark.parametrize("overlay", OVERLAYS)


@both_overlays
def test_every_manifest_is_valid(overlay: str) -> None:
    assert [problem for manifest in render(f"overlays/{overlay}") for problem in problems(manifest)] == []


def test_an_unknown_field_is_found() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"prots": []}}

    assert list(problems(wrong))


def test_an_unknown_kind_is_found() -> None:
    assert list(problems({"apiVersion": "v1", "kind": "Sevrice", "metadata": {"name": "x"}}))


@both_overlays
def test_every_kind_is_checked_somewhere(overlay: str) -> None:
    kinds = {manifest["kind"] for manifest in render(f"overlays/{overlay}")}

    assert kinds - BROUGHT_BY_OPERATORS <= {
        "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job", "Namespace", "NetworkPolicy",
        "PodDisruptionBudget", "Service", "ServiceAccount", "StatefulSet",
    }  # fmt: skip


def test_no_password_is_committed() -> None:
    kinds = [manifest["kind"] for overlay in OVERLAYS for manifest in render(f"overlays/{overlay}")]

    assert "Deployment" in kinds
    assert "Secret" not in kinds


def test_natss_permissions_are_those_of_the_topology() -> None:
    for path, text in files().items():
        assert path.read_text() == text, f"{path.name}: run `make manifests`"


def test_every_component_is_used_or_renders_alone() -> None:
    render("components/subscribers")


@both_overlays
def test_every_service_has_its_manifests(overlay: str) -> None:
    assert set(deployments(overlay)) == set(SERVICES)
    for kind in ("Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy"):
        assert set(SERVICES) <= set(of_kind(overlay, kind)), kind


@both_overlays
def test_selectors_find_the_service_and_nothing_else(overlay: str) -> None:
    for service in SERVICES:
        own = {"app.kubernetes.io/name": service}
        deployment = deployments(overlay)[service]["spec"]
        assert deployment["selector"]["matchLabels"] == own
        assert own.items() <= deployment["template"]["metadata"]["labels"].items()
        assert deployment["template"]["spec"]["serviceAccountName"] == service
        assert of_kind(overlay, "Service")[service]["spec"]["selector"] == own
        assert of_kind(overlay, "PodDisruptionBudget")[service]["spec"]["selector"]["matchLabels"] == own
        assert of_kind(overlay, "NetworkPolicy")[service]["spec"]["podSelector"]["matchLabels"] == own


@both_overlays
@pytest.mark.parametrize("service", SERVICES)
def test_the_port_is_the_same_everywhere(overlay: str, service: str) -> None:
    app = container(deployments(overlay)[service])
    listens = app["command"][app["command"].index("--port") + 1]

    assert app["ports"] == [{"name": "http", "containerPort": int(listens)}]
    assert app["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}
    assert app["livenessProbe"]["httpGet"] == {"path": "/live", "port": "http"}
    assert of_kind(overlay, "Service")[service]["spec"]["ports"][0]["targetPort"] == "http"


@both_overlays
@pytest.mark.parametrize("service", SERVICES)
def test_the_image_is_the_services_own_and_tagged(overlay: str, service: str) -> None:
    name, _, tag = container(deployments(overlay)[service])["image"].partition(":")

    assert name.rsplit("/", 1)[-1] == service
    assert tag not in ("", "latest")


@both_overlays
def test_every_pod_is_restricted(overlay: str) -> None:
    for name, template in workloads(overlay):
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for each in [*pod["containers"], *pod.get("initContainers", [])]:
            confined = each["securityContext"]
            assert confined["allowPrivilegeEscalation"] is False, name
            assert confined["readOnlyRootFilesystem"] is True, name
            assert confined["capabilities"] == {"drop": ["ALL"]}, name


@both_overlays
def test_every_container_has_requests_and_only_a_memory_limit(overlay: str) -> None:
    for name, template in workloads(overlay):
        for each in [*template["spec"]["containers"], *template["spec"].get("initContainers", [])]:
            assert each["resources"]["requests"].keys() == {"cpu", "memory"}, name
            # A limit of CPU would stop a process in the middle of a second; its heartbeats with it.
            assert each["resources"]["limits"].keys() == {"memory"}, name


@both_overlays
def test_a_pod_has_time_to_stop(overlay: str) -> None:
    for name, manifest in deployments(overlay).items():
        app, pod = container(manifest), manifest["spec"]["template"]["spec"]
        requests_end = int(app["command"][app["command"].index("--timeout-graceful-shutdown") + 1])
        messages_end = 20  # graceful_timeout of common.messaging.bus
        leaving = app["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert leaving + requests_end + messages_end < pod["terminationGracePeriodSeconds"], name


@both_overlays
def test_everything_a_pod_refers_to_exists(overlay: str) -> None:
    """Every ConfigMap is in the overlay, every Secret's key is made by `deploy.k8s.passwords`."""
    config_maps = of_kind(overlay, "ConfigMap")
    for name, template in workloads(overlay):
        referred = list(references(template))
        assert referred, f"{name} refers to nothing"
        for kind, reference in referred:
            if kind == "configMapKeyRef" or kind in ("configMapRef", "configMap"):
                assert reference["name"] in config_maps, name
            else:
                made = SECRETS[reference.get("name") or reference["secretName"]]
                wanted = [reference["key"]] if "key" in reference else [i["key"] for i in reference.get("items", [])]
                assert set(wanted) <= set(made), f"{name}: {reference}"


def references(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything in a pod's template that names a ConfigMap or a Secret."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("secretKeyRef", "secretRef", "secret", "configMapRef", "configMapKeyRef", "configMap"):
                yield key, value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_the_namespace_enforces_the_restricted_standard() -> None:
    for overlay in OVERLAYS:
        labels = of_kind(overlay, "Namespace")["tracklane"]["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_memory_limit_covers_a_sandboxed_decoder() -> None:
    from common.sandbox.parent import Limits  # noqa: PLC0415  it names the number

    root = HERE.parents[1]
    decoding = {
        service
        for service in SERVICES
        for source in (root / "services" / service / service).rglob("*.py")
        if "common.sandbox.parent import" in source.read_text()
    }
    assert {"frames", "inference", "export"} <= decoding
    for service in decoding:
        limit = container(deployments("production")[service])["resources"]["limits"]["memory"]
        assert int(limit.removesuffix("Gi")) << 30 >= Limits().memory_bytes + (512 << 20), service
