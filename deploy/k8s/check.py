"""Renders every overlay and checks each manifest against the schemas of Kubernetes: `python -m deploy.k8s.check`.

Unknown fields are errors. Kinds that operators bring have no schema here; tests/deploy compares those with the code.
"""

import subprocess
import sys
from collections.abc import Iterator

import kubernetes_validate

from deploy.k8s.generated import files
from deploy.k8s.render import OVERLAYS, KubectlMissing, Manifest, render

VERSIONS = ("1.32", kubernetes_validate.latest_version())
BROUGHT_BY_OPERATORS = {"ScaledObject", "ServiceMonitor", "PrometheusRule"}


def problems(manifest: Manifest) -> Iterator[str]:
    """The errors of a manifest in every supported version."""
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if kind in BROUGHT_BY_OPERATORS:
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            where = ".".join(map(str, error.path))
            yield f"{kind} {name}, Kubernetes {version}, {where}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield f"{kind} {name}: {error.message}"


def main() -> int:
    """Check all overlays and print the errors; returns the exit code."""
    found = [
        f"{path.name} is out of date: run `make manifests`"
        for path, text in files().items()
        if path.read_text() != text
    ]
    for overlay in OVERLAYS:
        try:
            rendered = render(f"overlays/{overlay}")
        except KubectlMissing as error:
            print(error, file=sys.stderr)
            return 1
        except subprocess.CalledProcessError:
            return 1
        found += [f"{overlay}: {problem}" for manifest in rendered for problem in problems(manifest)]
        print(f"{overlay}: {len(rendered)} manifests")
    print("\n".join(found), end="\n" * bool(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
