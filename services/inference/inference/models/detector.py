"""ONNX detectors: images in, detections out."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors

from common.contract.errors import CodedError
from inference.domain.detections import Detections, Float32Array
from inference.domain.letterbox import Letterbox, letterbox
from inference.domain.manifest import Manifest
from inference.domain.nanodet import Level, UnexpectedOutput, decode_nanodet
from inference.domain.nms import nms

BgrImage = npt.NDArray[np.uint8]

# ONNX Runtime's errors have no common ancestor of their own.
_ONNX_ERRORS = (
    onnx_errors.EPFail,
    onnx_errors.Fail,
    onnx_errors.InvalidArgument,
    onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf,
    onnx_errors.NoModel,
    onnx_errors.NoSuchFile,
    onnx_errors.NotImplemented,
    onnx_errors.RuntimeException,
    # Raised by its Python side for wrong names and types.
    ValueError,
    RuntimeError,
)


class ModelError(CodedError):
    """A model that cannot be loaded or run."""


class Detector:
    """A loaded model; for threads, one image at a time."""

    def __init__(self, name: str, manifest: Manifest, onnx: bytes) -> None:
        self.name = name
        self.manifest = manifest
        self._session = _open(name, onnx)
        self._check_names()

    def letterbox(self, frame_wh: tuple[int, int]) -> Letterbox:
        """How a frame of this size fits into the model's input."""
        return letterbox(frame_wh, self.manifest.input.long_side, self.manifest.input.multiple)

    def detect(self, image: BgrImage, box: Letterbox, threshold: float) -> Detections:
        """Detections on an image (BGR, scaled to `box.image_wh`) as boxes on the frame, best first, after
        non-maximum suppression, down to `threshold`. Raises ModelError."""
        outputs = self.run(self.prepared(image, box))
        try:
            found = decode_nanodet(self._levels(outputs), box.input_wh, threshold)
        except UnexpectedOutput as error:
            raise ModelError("model_output_mismatch", model=self.name, error=str(error)) from error
        output = self.manifest.output
        return box.to_frame(nms(found, output.max_iou, output.max_detections))

    def prepared(self, image: BgrImage, box: Letterbox) -> Float32Array:
        """The input tensor [1, 3, height, width]; the border has the mean color, which becomes 0."""
        spec = self.manifest.input
        swapped = spec.colour_order == "rgb"
        mean_bgr = spec.mean[::-1] if swapped else spec.mean
        left, top = box.offset_xy
        right, bottom = (box.input_wh[axis] - box.image_wh[axis] - box.offset_xy[axis] for axis in (0, 1))
        framed = cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=mean_bgr)
        # OpenCV subtracts the mean after it swapped the channels.
        tensor = np.asarray(cv2.dnn.blobFromImage(framed, mean=spec.mean, swapRB=swapped), np.float32)
        np.divide(tensor, np.array(spec.std, np.float32).reshape(1, 3, 1, 1), out=tensor)
        return tensor

    def run(self, tensor: Float32Array) -> dict[str, Float32Array]:
        """The model's raw outputs by name. Raises ModelError."""
        output = self.manifest.output
        names = [*output.scores, *output.distances]
        try:
            return dict(zip(names, self._session.run(names, {self.manifest.input.name: tensor}), strict=True))
        except _ONNX_ERRORS as error:
            raise ModelError("model_failed", model=self.name, error=short_message(error)) from error

    def _levels(self, outputs: dict[str, Float32Array]) -> list[Level]:
        output, count = self.manifest.output, len(self.manifest.labels)
        for name in (*output.scores, *output.distances):
            if outputs[name].ndim != 3:
                raise UnexpectedOutput(f"{name} has {outputs[name].ndim} axes and not 3.")
        for name in output.scores:
            if outputs[name].shape[2] != count:
                raise UnexpectedOutput(f"{name} scores {outputs[name].shape[2]} labels; the manifest names {count}.")
        return [
            Level(stride, outputs[scores][0], outputs[distances][0])
            for stride, scores, distances in zip(output.strides, output.scores, output.distances, strict=True)
        ]

    def _check_names(self) -> None:
        there = {node.name for node in (*self._session.get_inputs(), *self._session.get_outputs())}
        output = self.manifest.output
        named = [self.manifest.input.name, *output.scores, *output.distances]
        if missing := [name for name in named if name not in there]:
            raise ModelError("model_tensors_missing", model=self.name, names=", ".join(missing))


def _open(name: str, onnx: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    # Two processes with one thread each do more than one with two; a thread that spins takes the decoder's core.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except _ONNX_ERRORS as error:
        raise ModelError("model_not_loadable", model=name, error=short_message(error)) from error


def short_message(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
