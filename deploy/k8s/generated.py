"""Writes the generated manifests: `python -m deploy.k8s.generated`. `deploy.k8s.check` compares them."""

from pathlib import Path

from deploy.k8s import nats_access, services


def files() -> dict[Path, str]:
    """The content of every generated file."""
    return nats_access.files() | services.files()


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
