"""The manifest of an ONNX file: everything that running it needs."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from common.contract.model import Model

Triple = tuple[float, float, float]
Multiple = Annotated[int, Field(ge=1, le=256)]


class Input(Model):
    """How an image becomes the model's input: its long side is scaled to `long_side`, both sides padded to
    multiples of `multiple`, and each channel, in `colour_order`, becomes (value - mean) / std."""

    name: str
    long_side: int = Field(ge=32, le=4096)
    multiple: Multiple
    colour_order: Literal["bgr", "rgb"]
    mean: Triple
    std: Triple

    @model_validator(mode="after")
    def _sides_fit(self) -> "Input":
        if self.long_side % self.multiple:
            raise ValueError("long_side must be a multiple of `multiple`")
        if min(self.std) <= 0:
            raise ValueError("std must be above 0")
        return self


class Output(Model):
    """How the model's outputs become boxes: the decoder, and for each of its strides the names of two outputs."""

    decoder: Literal["nanodet"]
    strides: list[Multiple] = Field(min_length=1, max_length=8)
    scores: list[str]
    distances: list[str]
    max_iou: float = Field(default=0.6, gt=0, le=1)
    max_detections: int = Field(default=100, ge=1, le=1000)

    @model_validator(mode="after")
    def _one_output_a_stride(self) -> "Output":
        if not len(self.strides) == len(self.scores) == len(self.distances):
            raise ValueError("scores and distances must name one output for each stride")
        return self


class Manifest(Model):
    """A model: its name, licence and labels, its input and output. `threshold` is the score from which
    a detection is proposed unless a run asks otherwise; `sha256` detects a damaged file."""

    name: str = Field(min_length=1, max_length=200)
    origin: Literal["builtin", "pretrained", "trained"] = "pretrained"
    task: Literal["detect"] = "detect"
    licence: str
    source: str = ""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    labels: list[str] = Field(min_length=1, max_length=10_000)
    threshold: float = Field(ge=0, le=1)
    input: Input
    output: Output
