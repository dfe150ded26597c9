"""Groups of pictures and clips: which packet shows which frame, and which frames make a clip.

Frame n is the n-th frame in presentation order. Packets are numbered in the order of the container; a decoder carries
that number to the frame, so times are never compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIDDEN = -1
# Seeking in a longer group takes longer than encoding the clip is worth.
MAX_COPIED_GOP = 600
MAX_SEEKABLE_GOP = 12


class NotByPackets(ValueError):
    """Packets alone do not give the order of the frames: they have to be decoded."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as the container describes it; `idr`: nothing after it refers to anything before it."""

    number: int
    pts: int | None
    dts: int | None
    position: int
    size: int
    idr: bool = False
    hidden: bool = False

    @property
    def time(self) -> int:
        """The time to seek to."""
        known = self.dts if self.dts is not None else self.pts
        return known if known is not None else 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A packet that is copied: the place of its bytes, and the frame it shows, or HIDDEN."""

    position: int
    size: int
    frame: int


@dataclass(frozen=True, slots=True)
class Gop:
    """Frames from `first` on that are decoded from packet `start` on: `frames` holds the packet number and the pts of
    each. `samples`, in decode order, where they can be copied as they are."""

    start: Packet
    first: int
    frames: tuple[tuple[int, int], ...]
    samples: tuple[Sample, ...] = ()

    @property
    def last(self) -> int:
        return self.first + len(self.frames) - 1

    @property
    def is_seekable(self) -> bool:
        """Whether it seeks as fast as a proxy: short, and decoded in presentation order."""
        shown = [sample.frame for sample in self.samples]
        return 0 < len(shown) <= MAX_SEEKABLE_GOP and shown == sorted(shown) and HIDDEN not in shown


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A clip of `count` frames from `first` on, and the groups of pictures that hold them, in order."""

    clip: int
    first: int
    count: int
    gops: tuple[Gop, ...]

    @property
    def last(self) -> int:
        return self.first + self.count - 1

    @property
    def can_copy(self) -> bool:
        """Whether every group can be shown without being encoded anew."""
        return all(gop.samples for gop in self.gops)

    @property
    def is_seekable(self) -> bool:
        """Whether a proxy would be no better than the copy."""
        return all(gop.is_seekable for gop in self.gops)

    @property
    def pts(self) -> list[int]:
        return [pts for _, pts in self.frames(self.first, self.last)]

    def frames(self, first: int, last: int) -> list[tuple[int, int]]:
        """Packet number and pts of frames first … last."""
        everything = [frame for gop in self.gops for frame in gop.frames]
        offset = self.gops[0].first
        return everything[first - offset : last + 1 - offset]

    def gop_of(self, frame: int) -> Gop:
        """The group that shows `frame`."""
        return next(gop for gop in self.gops if gop.first <= frame <= gop.last)


def closed_gops(packets: Iterable[Packet]) -> Iterator[Gop]:
    """Groups from one IDR picture to the next, their frames sorted by time.

    Raises:
        NotByPackets: the order is unknown, or a group is too long to be copied.
    """
    first, after = 0, None
    for group in _from_idr_to_idr(packets):
        gop = _gop(group, first)
        if gop is None:
            continue
        if after is not None and gop.frames[0][1] <= after:
            raise NotByPackets("a group begins before the one before it ends")
        yield gop
        first, after = gop.last + 1, gop.frames[-1][1]


def _from_idr_to_idr(packets: Iterable[Packet]) -> Iterator[list[Packet]]:
    group: list[Packet] = []
    for packet in packets:
        if packet.idr and group:
            yield group
            group = []
        group.append(packet)
        if len(group) > MAX_COPIED_GOP:
            raise NotByPackets("a group of pictures is too long")
        if not group[0].idr:
            raise NotByPackets("the first picture refers to others")
    if group:
        yield group


def _gop(group: list[Packet], first: int) -> Gop | None:
    shown = [(packet.pts, packet.number) for packet in group if not packet.hidden and packet.pts is not None]
    if len(shown) + sum(packet.hidden for packet in group) < len(group):
        raise NotByPackets("a packet has no time")
    shown.sort()
    if len({pts for pts, _ in shown}) < len(shown):
        raise NotByPackets("two packets have the same time")
    if not shown:
        return None
    number_of = {packet: first + place for place, (_, packet) in enumerate(shown)}
    samples = tuple(Sample(p.position, p.size, number_of.get(p.number, HIDDEN)) for p in group)
    return Gop(group[0], first, tuple((packet, pts) for pts, packet in shown), samples)


def clips_of(gops: Iterable[Gop], frames_per_clip: int) -> Iterator[ClipPlan]:
    """The clips, each as soon as its last frame is known."""
    pending: list[Gop] = []
    clip = 0
    for gop in gops:
        pending.append(gop)
        while gop.last + 1 >= (clip + 1) * frames_per_clip:
            yield _clip(clip, clip * frames_per_clip, frames_per_clip, pending)
            clip += 1
            pending = [kept for kept in pending if kept.last >= clip * frames_per_clip]
    if pending:
        first = clip * frames_per_clip
        yield _clip(clip, first, pending[-1].last + 1 - first, pending)


def _clip(clip: int, first: int, count: int, pending: Sequence[Gop]) -> ClipPlan:
    return ClipPlan(clip, first, count, tuple(gop for gop in pending if gop.first < first + count))


def frame_rate(count: int, duration_s: float, declared: float | None) -> float:
    """Frames per second: the declared rate if it is within 0.5 % of the measured one, else the measured one."""
    measured = (count - 1) / duration_s if count > 1 and duration_s > 0 else None
    if measured is None:
        return declared or 1.0
    if declared is not None and abs(declared - measured) <= 0.005 * measured:
        return declared
    return round(measured, 3)


def pack_plan(plan: ClipPlan) -> tuple[dict[str, Any], bytes]:
    """A plan as a few numbers and an array of 64-bit integers, for a pipe or a database."""
    gops = [
        (g.start.number, g.start.time, g.start.position, g.start.size, g.first, len(g.frames), len(g.samples))
        for g in plan.gops
    ]
    frames = [frame for gop in plan.gops for frame in gop.frames]
    samples = [(s.position, s.size, s.frame) for gop in plan.gops for s in gop.samples]
    head = {"clip": plan.clip, "first": plan.first, "count": plan.count, "gops": len(gops), "frames": len(frames)}
    return head, _bytes(gops) + _bytes(frames) + _bytes(samples)


def unpack_plan(head: dict[str, Any], body: bytes) -> ClipPlan:
    """The plan that `pack_plan` serialized."""
    numbers = np.frombuffer(body, dtype="<i8")
    gop_end = 7 * head["gops"]
    frame_end = gop_end + 2 * head["frames"]
    frames = iter(_rows(numbers[gop_end:frame_end], 2))
    samples = iter(_rows(numbers[frame_end:], 3))
    gops = tuple(
        Gop(
            Packet(number, None, time, position, size),
            first,
            tuple((packet, pts) for packet, pts in islice(frames, frame_count)),
            tuple(Sample(*row) for row in islice(samples, sample_count)),
        )
        for number, time, position, size, first, frame_count, sample_count in _rows(numbers[:gop_end], 7)
    )
    return ClipPlan(head["clip"], head["first"], head["count"], gops)


def _bytes(rows: Sequence[tuple[int, ...]]) -> bytes:
    return np.array(rows, dtype="<i8").tobytes()


def _rows(numbers: NDArray[np.int64], width: int) -> list[list[int]]:
    rows: list[list[int]] = numbers.reshape(-1, width).tolist()
    return rows
