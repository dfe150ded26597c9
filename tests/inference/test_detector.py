import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

import inference
from inference.domain.detections import Detections
from inference.domain.manifest import Manifest
from inference.models.detector import Detector, ModelError
from inference.models.registry import ModelRegistry

NAME = "nanodet-g-416"
MODELS = Path(inference.__file__).parent / "models"


@pytest.mark.parametrize(
    ("photo", "label", "box_xyxy"),
    [("astronaut", "person", (14, 14, 364, 508)), ("chelsea", "cat", (2, 0, 437, 298))],
)
def test_the_subject_of_a_photograph_is_found(
    detector: Detector, photo: str, label: str, box_xyxy: tuple[int, ...]
) -> None:
    found = _detect(detector, np.ascontiguousarray(getattr(data, photo)()[:, :, ::-1]), threshold=0.5)
    assert [detector.manifest.labels[index] for index in found.labels] == [label]
    assert found.boxes_xyxy[0] == pytest.approx(box_xyxy, abs=12)


def test_boxes_are_in_pixels_of_the_frame(detector: Detector) -> None:
    small = np.ascontiguousarray(data.astronaut()[:, :, ::-1])
    large = cv2.resize(small, None, fx=3, fy=3)
    found, enlarged = _detect(detector, small, 0.5), _detect(detector, large, 0.5)
    assert enlarged.boxes_xyxy[0] / 3 == pytest.approx(found.boxes_xyxy[0], abs=4)


def test_nothing_is_found_on_grey(detector: Detector) -> None:
    assert len(_detect(detector, np.full((360, 640, 3), 127, np.uint8), 0.4)) == 0


def test_colour_order_and_normalisation_follow_the_manifest(detector: Detector) -> None:
    spec = detector.manifest.input
    rgb = detector.manifest.model_copy(
        update={
            "input": spec.model_copy(update={"colour_order": "rgb", "mean": spec.mean[::-1], "std": spec.std[::-1]})
        }
    )
    other = Detector("other", rgb, (MODELS / f"{NAME}.onnx").read_bytes())
    image = np.random.default_rng(0).integers(0, 255, (234, 416, 3), np.uint8)
    box = detector.letterbox((1920, 1080))

    tensor = detector.prepared(image, box)

    assert tensor.shape == (1, 3, 256, 416)
    assert other.prepared(image, box)[:, ::-1] == pytest.approx(tensor, abs=1e-5)
    expected = (image[5, 7].astype(np.float64) - spec.mean) / spec.std
    assert tensor[0, :, 5 + box.offset_xy[1], 7] == pytest.approx(expected, abs=1e-5)
    assert np.abs(tensor[0, :, 0]).max() < 0.01


def test_the_registry_describes_its_models(registry: ModelRegistry) -> None:
    card = next(card for card in registry.cards() if card.id == NAME)
    assert (card.origin, card.threshold, len(card.labels)) == ("builtin", 0.4, 80)
    assert card.size_bytes == (MODELS / f"{NAME}.onnx").stat().st_size


@pytest.mark.parametrize("keep", [0, 1000, 7_000_000])
def test_a_truncated_model_is_reported(tmp_path: Path, keep: int) -> None:
    registry = _registry(tmp_path, keep=keep)
    with pytest.raises(ModelError, match="model_damaged"):
        registry.detector("m")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x01" * 500])
def test_a_file_that_is_no_onnx_model_is_reported(tmp_path: Path, content: bytes) -> None:
    registry = _registry(tmp_path, sha256=None)
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="model_not_loadable"):
        registry.detector("m")


def test_a_manifest_with_unknown_outputs_is_reported(tmp_path: Path) -> None:
    registry = _registry(tmp_path, output={"scores": ["Identity", "Identity_1", "boxes"]})
    with pytest.raises(ModelError, match="no input or output named boxes"):
        registry.detector("m")


def test_a_model_that_fails_on_an_image_is_reported(tmp_path: Path) -> None:
    swapped = {"scores": ["Identity_2", "Identity_1", "Identity"]}
    detector = _registry(tmp_path, output=swapped).detector("m")
    with pytest.raises(ModelError, match="does not match its manifest: At stride 8"):
        _detect(detector, np.zeros((100, 100, 3), np.uint8), 0.4)


def test_a_manifest_with_too_few_labels_is_reported(tmp_path: Path) -> None:
    detector = _registry(tmp_path, labels=["person"]).detector("m")
    with pytest.raises(ModelError, match="Identity scores 80 labels; the manifest names 1"):
        _detect(detector, np.zeros((100, 100, 3), np.uint8), 0.4)


def test_a_manifest_without_its_model_is_not_offered(tmp_path: Path) -> None:
    registry = _registry(tmp_path)
    (tmp_path / "m.onnx").unlink()
    assert registry.cards() == []
    with pytest.raises(ModelError, match="model_not_found_on_disk"):
        registry.detector("m")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}'])
def test_an_unreadable_manifest_is_reported_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(ModelError, match=r"The manifest m\.json cannot be read"):
        ModelRegistry(tmp_path).cards()


@pytest.mark.parametrize(
    "change",
    [
        {"input": {"long_side": 400}},
        {"input": {"std": [0, 1, 1]}},
        {"output": {"strides": [8, 16]}},
        {"output": {"decoder": "unknown"}},
        {"labels": []},
    ],
)
def test_an_invalid_manifest_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Manifest.model_validate(_manifest(**change))


def _manifest(**changes: object) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((MODELS / f"{NAME}.json").read_text())
    for name, change in changes.items():
        manifest[name] = manifest[name] | change if isinstance(change, dict) else change
    return manifest


def _registry(folder: Path, keep: int | None = None, **changes: object) -> ModelRegistry:
    (folder / "m.json").write_text(json.dumps(_manifest(**changes)))
    shutil.copy(MODELS / f"{NAME}.onnx", folder / "m.onnx")
    if keep is not None:
        (folder / "m.onnx").write_bytes((folder / "m.onnx").read_bytes()[:keep])
    return ModelRegistry(folder)


def _detect(detector: Detector, image: np.ndarray, threshold: float) -> Detections:
    box = detector.letterbox((image.shape[1], image.shape[0]))
    return detector.detect(np.asarray(cv2.resize(image, box.image_wh), np.uint8), box, threshold)
