"""The models in a folder."""

import hashlib
import json
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from common.contract.questions import ModelCard
from common.service.ids import is_id
from inference.domain.manifest import Manifest
from inference.models.detector import Detector, ModelError, short_message


class ModelRegistry:
    """The models in a folder, each an ONNX file with its manifest: `<id>.onnx` and `<id>.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._loaded: dict[str, Detector] = {}

    @cached_property
    def manifests(self) -> Mapping[str, Manifest]:
        """The manifests by model id, in order. Raises ModelError for one that cannot be read."""
        found = sorted(self.folder.glob("*.json"))
        return {path.stem: _read_manifest(path) for path in found if is_id(path.stem)}

    def cards(self) -> list[ModelCard]:
        """The models that can be chosen."""
        return [
            ModelCard(
                id=name,
                size_bytes=self._onnx(name).stat().st_size,
                **manifest.model_dump(include={"name", "origin", "task", "labels", "threshold", "licence"}),
            )
            for name, manifest in self.manifests.items()
            if self._onnx(name).is_file()
        ]

    def detector(self, name: str) -> Detector:
        """The model, loaded once; for threads. Raises ModelError, LookupError if there is no such model."""
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self._load(name, self.manifests[name])
            return self._loaded[name]

    def _load(self, name: str, manifest: Manifest) -> Detector:
        try:
            onnx = self._onnx(name).read_bytes()
        except OSError as error:
            raise ModelError("model_not_found_on_disk", model=name) from error
        if manifest.sha256 and hashlib.sha256(onnx).hexdigest() != manifest.sha256:
            raise ModelError("model_damaged", model=name)
        return Detector(name, manifest, onnx)

    def _onnx(self, name: str) -> Path:
        return self.folder / f"{name}.onnx"


def _read_manifest(path: Path) -> Manifest:
    try:
        return Manifest.model_validate(json.loads(path.read_text()))
    except (ValidationError, ValueError) as error:
        raise ModelError("model_manifest_unreadable", file=path.name, error=short_message(error)) from error
