"""The proxy of a clip: short closed groups of frames without reordering, for fast seeking."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO

import av
import av.filter

from common.sandbox.worker import Yielded
from frames.domain import h264
from frames.domain.gops import Packet
from frames.video.source import Source, frames_of_packets


def encode(
    source: BinaryIO,
    content_type: str,
    start: list[int],
    packets: list[int],
    gop: int,
    crf: int,
    preset: str,
    threads: int,
) -> Iterator[Yielded]:
    """The frames of `packets`, in that order, as segments of `gop` frames: first the decoder configuration, then for
    each segment the sizes of its samples and their bytes.

    Raises:
        Undecodable: none of the frames can be decoded.
    """
    opened = Source(source, content_type, threads)
    number, time, position, size = start
    decoded = opened.frames(opened.packets_from(Packet(number, None, time, position, size)))
    encoder = _Encoder(gop, crf, preset, threads)
    configured = False
    segment: list[bytes] = []
    for sample in encoder.samples(frames_of_packets(decoded, packets)):
        if not configured:
            yield encoder.properties()
            configured = True
        segment.append(sample)
        if len(segment) == gop:
            yield {"sizes": [len(sample) for sample in segment]}, b"".join(segment)
            segment = []
    if segment:
        yield {"sizes": [len(sample) for sample in segment]}, b"".join(segment)


class _Encoder:
    def __init__(self, gop: int, crf: int, preset: str, threads: int) -> None:
        self.options = {
            "preset": preset,
            "tune": "fastdecode",
            "crf": str(crf),
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:open-gop=0:force-cfr=1",
        }
        self.threads = threads
        self.codec: Any = None
        self.reshaper: _Reshaper | None = None
        self.configuration: h264.Configuration | None = None

    def samples(self, frames: Iterator[Any]) -> Iterator[bytes]:
        for number, frame in enumerate(frames):
            shaped = self._reshape(frame)
            shaped.pts, shaped.time_base = number, Fraction(1, 25)
            shaped.pict_type = av.video.frame.PictureType.NONE
            yield from self._encode(shaped)
        if self.codec is not None:
            yield from self._encode(None)

    def _reshape(self, frame: Any) -> Any:
        if self.reshaper is None:
            self.reshaper = _Reshaper(frame)
            self.codec = self._open(self.reshaper, frame)
        return self.reshaper.shape(frame)

    def _open(self, reshaper: "_Reshaper", frame: Any) -> Any:
        codec: Any = av.CodecContext.create("libx264", "w")
        codec.width, codec.height = reshaper.coded
        codec.pix_fmt = "yuv420p"
        codec.time_base = Fraction(1, 25)
        codec.thread_count = self.threads
        codec.options = self.options
        for property_ in ("colorspace", "color_primaries", "color_trc"):
            setattr(codec, property_, getattr(frame, property_))
        return codec

    def _encode(self, frame: Any) -> Iterator[bytes]:
        for packet in self.codec.encode(frame):
            units = list(h264.units_of_stream(bytes(packet)))
            if self.configuration is None:
                sets = {unit[0] & 31: unit for unit in units}
                self.configuration = h264.configuration_of(sets[h264.SPS], sets[h264.PPS])
            yield h264.sample_of(units)

    def properties(self) -> dict[str, Any]:
        assert self.configuration is not None
        assert self.reshaper is not None
        width, height = self.reshaper.shown
        return {
            "codec": self.configuration.codec,
            "description": self.configuration.description,
            "width": width,
            "height": height,
        }


class _Reshaper:
    """Rotates frames upright, scales them to the size of the first, and pads them to even sides (right, bottom)."""

    def __init__(self, first: Any) -> None:
        self.turns = -round(first.rotation / 90) % 4
        size = first.width, first.height
        self.shown = size[::-1] if self.turns % 2 else size
        self.coded = tuple(side + side % 2 for side in self.shown)
        self._graph: Any = None
        self._shape: tuple[int, int, str] | None = None

    def shape(self, frame: Any) -> Any:
        same = (frame.width, frame.height) == self.coded and not self.turns
        if same:
            return frame.reformat(format="yuv420p") if frame.format.name != "yuv420p" else frame
        key = frame.width, frame.height, frame.format.name
        if key != self._shape:
            self._graph, self._shape = self._build(frame), key
        frame.pts = None
        self._graph.push(frame)
        return self._graph.pull()

    def _build(self, frame: Any) -> Any:
        graph: Any = av.filter.Graph()
        right, bottom = (coded - shown for coded, shown in zip(self.coded, self.shown, strict=True))
        steps = [("transpose", "clock")] * (self.turns if self.turns < 3 else 0)
        steps += [("transpose", "cclock")] if self.turns == 3 else []
        steps += [("scale", f"{self.shown[0]}:{self.shown[1]}")]
        if right or bottom:
            # Without chroma subsampling, so that the added row or column does not bleed into the last real one.
            steps += [("format", "yuv444p"), ("pad", f"{self.coded[0]}:{self.coded[1]}:0:0")]
            steps += [("fillborders", f"right={right}:bottom={bottom}:mode=smear")]
        steps += [("format", "yuv420p")]
        nodes = [graph.add_buffer(template=None, width=frame.width, height=frame.height,
                                  format=frame.format.name, time_base=Fraction(1, 25))]  # fmt: skip
        nodes += [graph.add(name, arguments) for name, arguments in steps]
        nodes += [graph.add("buffersink")]
        for before, after in pairwise(nodes):
            before.link_to(after)
        graph.configure()
        return graph
