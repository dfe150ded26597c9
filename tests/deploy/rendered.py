"""The rendered manifests, as tests ask for them."""

from collections.abc import Iterator
from typing import Any

from common.contract.services import SERVICES
from deploy.k8s.passwords import Servers, secrets_for
from deploy.k8s.render import OVERLAYS, Manifest, render

__all__ = ["OVERLAYS", "SECRETS", "SERVICES", "Manifest", "container", "deployments", "named", "of_kind", "workloads"]
# A try-out's and a production's Secrets; both have the same for each service.
SECRETS = secrets_for(Servers(smtp="smtps://mail.example.com"))


def of_kind(overlay: str, *kinds: str) -> dict[str, Manifest]:
    """The manifests of these kinds by their names; at least one, so that a loop over them checks something."""
    found = {one["metadata"]["name"]: one for one in render(f"overlays/{overlay}") if one["kind"] in kinds}
    assert found, f"{overlay} has no {' and no '.join(kinds)}"
    return found


def named(overlay: str, kind: str, name: str) -> Manifest:
    """The one manifest of this kind and name; a generated name may end with a hash."""
    by_name = of_kind(overlay, kind)
    return next(found for full, found in by_name.items() if full == name or full.rpartition("-")[0] == name)


def deployments(overlay: str) -> dict[str, Manifest]:
    """The services' Deployments."""
    return of_kind(overlay, "Deployment")


def workloads(overlay: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every pod there will be: its name and its template."""
    for name, manifest in of_kind(overlay, "Deployment", "StatefulSet", "Job").items():
        yield name, manifest["spec"]["template"]


def container(manifest: Manifest) -> dict[str, Any]:
    """A Deployment's or a Job's one container."""
    (only,) = manifest["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = only
    return found
