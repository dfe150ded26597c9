"""Settings of the frames service."""

from typing import Literal

from pydantic import Field

from common.contract.clips import FRAMES_PER_CLIP
from common.service.settings import Settings


class FramesSettings(Settings):
    """`proxy_*`: short groups make seeking quick, long ones make files small. `decoder_threads` is fixed, not the
    number of cores, because an encoder's output depends on it and a repeated job has to write the same bytes."""

    frames_per_clip: int = Field(default=FRAMES_PER_CLIP, ge=1)
    proxy_gop: int = Field(default=6, ge=1, le=60)
    proxy_crf: int = Field(default=20, ge=0, le=51)
    proxy_preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"] = "veryfast"
    decoder_threads: int = Field(default=2, ge=1, le=32)
    decoder_memory_bytes: int = Field(default=3 << 30, ge=256 << 20)
    renders_at_once: int = Field(default=2, ge=1)
