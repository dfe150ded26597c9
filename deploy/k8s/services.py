"""The six services' manifests from one template: `base/services.yaml`, written by `make manifests`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "base" / "services.yaml"
# Idle connections are kept longer than by an ingress controller: closing one first would lose a request.
COMMAND = (
    "python -m uvicorn --factory --host 0.0.0.0 --port 8080 --log-level warning --timeout-keep-alive 75"
    " --timeout-graceful-shutdown 20"
)
_WRITTEN = "# Written by `make manifests` from deploy/k8s/services.py. Do not edit.\n"
_NATS, _MONGO, _S3 = 4222, 27017, 443
Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServiceManifest:
    """The differences between services. `secrets` are keys of the service's Secret in addition to those of its servers;
    those that end with `?` are optional."""

    name: str
    cpu: str
    memory: str
    memory_limit: str
    secrets: tuple[str, ...] = ()
    mail: bool = False
    serves_http: bool = False


# Services that decode media have room for the sandbox's limit of 2 GiB, because a pod over its limit is killed.
SERVICES = (
    ServiceManifest(
        "gateway",
        cpu="500m",
        memory="256Mi",
        memory_limit="1Gi",
        secrets=("TRACKLANE_SMTP_URL?", "TRACKLANE_NATS_ISSUER_SEED", "TRACKLANE_NATS_DELIVERY_URL"),
        mail=True,
        serves_http=True,
    ),
    ServiceManifest("ingest", cpu="250m", memory="256Mi", memory_limit="3Gi"),
    ServiceManifest("frames", cpu="1", memory="512Mi", memory_limit="3Gi"),
    ServiceManifest("annotation", cpu="250m", memory="256Mi", memory_limit="1Gi"),
    ServiceManifest("inference", cpu="1", memory="1Gi", memory_limit="3Gi"),
    ServiceManifest("export", cpu="500m", memory="256Mi", memory_limit="3Gi"),
)


def files() -> dict[Path, str]:
    """The generated file and its content."""
    documents = [document for service in SERVICES for document in manifests(service)]
    return {FILE: _WRITTEN + yaml.safe_dump_all(documents, sort_keys=False, width=120)}


def manifests(service: ServiceManifest) -> list[Manifest]:
    """A service's account, Deployment, Service, disruption budget and network policy. Common settings are in
    `hardening.yaml`."""
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": service.name}},
        _deployment(service),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": service.name, "labels": _label(service)},
            "spec": {
                "selector": _label(service),
                "ports": [{"name": "http", "port": 80 if service.serves_http else 8080, "targetPort": "http"}],
            },
        },
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": service.name},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": _label(service)}},
        },
        _network_policy(service),
    ]


def _label(service: ServiceManifest) -> dict[str, str]:
    return {"app.kubernetes.io/name": service.name}


def _deployment(service: ServiceManifest) -> Manifest:
    container = {
        "name": "app",
        "image": f"tracklane/{service.name}",
        "command": COMMAND.split(),
        "env": [{"name": "UVICORN_APP", "value": f"{service.name}.app:create"}, *_secrets(service)],
        "resources": {
            "requests": {"cpu": service.cpu, "memory": service.memory},
            "limits": {"memory": service.memory_limit},
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": service.name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": _label(service)},
            "template": {
                "metadata": {"labels": _label(service)},
                "spec": {"serviceAccountName": service.name, "containers": [container]},
            },
        },
    }


def _secrets(service: ServiceManifest) -> list[Manifest]:
    names = ("TRACKLANE_NATS_URL", "TRACKLANE_MONGO_URL", "TRACKLANE_S3_URL", *service.secrets)
    return [
        {
            "name": name.removesuffix("?"),
            "valueFrom": {
                "secretKeyRef": {"name": service.name, "key": name.removesuffix("?")}
                | ({"optional": True} if name.endswith("?") else {})
            },
        }
        for name in names
    ]


def _network_policy(service: ServiceManifest) -> Manifest:
    egress = [{"ports": [{"port": port} for port in (_NATS, _MONGO, _S3)]}]
    if service.mail:
        egress.append({"ports": [{"port": 465}, {"port": 587}]})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": service.name},
        "spec": {
            "podSelector": {"matchLabels": _label(service)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"ports": [{"port": "http"}]}] if service.serves_http else [],
            "egress": egress,
        },
    }
