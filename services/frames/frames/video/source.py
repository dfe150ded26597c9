"""A source file: its packets by number, and its frames by the number of their packet."""

import errno
from collections.abc import Iterator
from typing import Any, BinaryIO

import av

from common.sandbox.worker import Undecodable
from frames.domain.gops import Packet

# The demuxer is fixed, so that no file can choose one that reads other files or URLs.
FORMATS = {"video/mp4": "mov", "video/quicktime": "mov", "video/x-msvideo": "avi", "video/x-ms-wmv": "asf"}

av.logging.set_level(av.logging.PANIC)


class Source:
    """The video stream of a file."""

    def __init__(
        self, file: BinaryIO, content_type: str, threads: int = 1, options: dict[str, str] | None = None
    ) -> None:
        self._file = file
        self._format = FORMATS[content_type]
        self._threads = threads
        self._options = options or {}
        self._open()

    def _open(self) -> None:
        self._file.seek(0)
        try:
            self._container: Any = av.open(self._file, format=self._format, mode="r", metadata_errors="ignore")
        except (av.error.FFmpegError, OSError, EOFError) as error:
            raise Undecodable("not_a_readable_video", error=_message(error)) from error
        if not self._container.streams.video:
            raise Undecodable("no_video_stream")
        self.stream: Any = self._container.streams.video[0]
        for stream in self._container.streams:
            if stream is not self.stream:
                stream.discard = av.stream.Discard.all
        if self.decoder is None:
            raise Undecodable("unknown_video_codec")
        self.decoder.thread_count = self._threads
        self.decoder.thread_type = "AUTO"
        self.decoder.options = self._options
        self._is_fresh = True

    @property
    def decoder(self) -> Any:
        """The stream's decoder."""
        return self.stream.codec_context

    @property
    def declared_rate(self) -> float | None:
        """Frames per second as the container declares."""
        rate = self.stream.average_rate or self.stream.guessed_rate
        return float(rate) if rate and 0 < rate <= 1000 else None

    def packets(self) -> Iterator[tuple[Packet, Any]]:
        """Every non-empty packet, numbered from 0; a damaged file ends at the damage."""
        if not self._is_fresh:
            self._open()
        for number, packet in enumerate(self._demux()):
            described = Packet(
                number,
                packet.pts,
                packet.dts,
                packet.pos if packet.pos is not None else -1,
                packet.size,
                hidden=packet.is_discard,
            )
            yield described, packet

    def packets_from(self, start: Packet) -> Iterator[tuple[int, Any]]:
        """Packets from `start` on, with their numbers."""
        if start.number == 0:
            yield from ((described.number, packet) for described, packet in self.packets())
            return
        number = start.number
        found = False
        for packet in self._seek(start):
            found = found or _is(packet, start)
            if found:
                yield number, packet
                number += 1
        if not found:
            # Some containers seek to a wrong position; counting from the start is slow and always right.
            yield from ((d.number, packet) for d, packet in self.packets() if d.number >= start.number)

    def _seek(self, start: Packet) -> Iterator[Any]:
        try:
            self._container.seek(start.time, stream=self.stream, backward=True)
        except (av.error.FFmpegError, OSError):
            return
        yield from self._demux()

    def _demux(self) -> Iterator[Any]:
        self._is_fresh = False
        try:
            for packet in self._container.demux(self.stream):
                # An empty packet would mean the end of the stream; a corrupt one is dropped.
                if packet.size and not packet.is_corrupt:
                    yield packet
        except (av.error.FFmpegError, OSError, EOFError):
            return

    def frames(self, packets: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        """Decoded frames in presentation order, each with the number of its packet."""
        for number, packet in packets:
            packet.pts = packet.dts = number
            yield from self._decode(packet)
        yield from self._decode(None)

    def _decode(self, packet: Any) -> Iterator[tuple[int, Any]]:
        try:
            frames = self.decoder.decode(packet)
        except (av.error.FFmpegError, EOFError) as error:
            if getattr(error, "errno", None) == errno.ENOMEM:
                raise MemoryError from error
            return
        for frame in frames:
            if frame.pts is not None:
                yield frame.pts, frame

    @property
    def is_avc_in_samples(self) -> bool:
        """Whether it is H.264 that every browser decodes, in samples that can be copied."""
        return (
            self._container.format.name.startswith("mov")
            and self.decoder.name == "h264"
            and self.decoder.pix_fmt in ("yuv420p", "yuvj420p")
        )


def frames_of_packets(decoded: Iterator[tuple[int, Any]], packets: list[int]) -> Iterator[Any]:
    """The frame of each of `packets`, in that order; a missing one is replaced by the frame before it, so that numbers
    never shift.

    Raises:
        Undecodable: none of them can be decoded.
    """
    index_of = {packet: index for index, packet in enumerate(packets)}
    following, before = 0, None
    for number, frame in decoded:
        found = index_of.get(number, -1)
        if found < following:
            continue
        for _ in range(following, found):
            yield before if before is not None else frame
        yield frame
        before, following = frame, found + 1
        if following == len(packets):
            return
    if before is None:
        raise Undecodable("no_decodable_frame")
    for _ in range(following, len(packets)):
        yield before


def _is(packet: Any, start: Packet) -> bool:
    time = packet.dts if packet.dts is not None else packet.pts
    same_place = start.position < 0 or packet.pos == start.position
    return same_place and packet.size == start.size and (time or 0) == start.time


def _message(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".").lower()
