"""Reader of MOT 1.1: rows of numbers, one file per sequence.

A sequence is the medium named in `seqinfo.ini` or by its folder, or else the only video. Rows have `frame, track, x, y,
width, height` and optionally confidence, class and visibility; rows of the first MOT challenges end with three world
coordinates instead. Without a list of classes, those of the MOT challenges apply. A track is out of view on frames
without a row, among the frames with images in the archive, or else among all.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from common.contract.media import Kind
from common.geometry.types import Box
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex, NoMatch, TargetMedium, no_video
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, or_skipped, skipped_for

_GROUND_TRUTH = re.compile(r"(?P<folder>(?:.*/)?)gt/gt\.txt", re.IGNORECASE)
_IMAGE = re.compile(r"(?P<folder>(?:.*/)?)img1/(?P<number>\d{1,8})\.\w+")
_COLUMNS = (6, 7, 8, 9, 10)
_WORLD_COLUMNS = 10
_CHALLENGE = (
    "Pedestrian",
    "Person on vehicle",
    "Car",
    "Bicycle",
    "Motorbike",
    "Non-motorized vehicle",
    "Static person",
    "Distractor",
    "Occluder",
    "Occluder on the ground",
    "Occluder full",
    "Reflection",
    "Crowd",
)


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every sequence."""
    sequences = _Sequences(archive, media)
    for name in _files(archive):
        yield from or_skipped(name, sequences.objects, name)


def detect(archive: ArchiveReader) -> float:
    """A file of numeric rows in its folder, or a single `gt.txt`."""
    files = _files(archive)
    if not files:
        return 0.0
    rows = (line.split(b",") for line in archive.head(files[0]).split(b"\n")[:3] if line.strip())
    first = next(rows, None)
    if first is not None and not (len(first) in _COLUMNS and all(_is_number(cell) for cell in first)):
        return 0.0
    if _GROUND_TRUTH.fullmatch(files[0]):
        return (
            0.95
            if first or "seqinfo.ini" in {name.rpartition("/")[2] for name in archive.names_ending(".ini")}
            else 0.6
        )
    return 0.0 if first is None else 0.7 if files[0].lower().endswith("gt.txt") else 0.4


READER = Reader(read, detect)


def _files(archive: ArchiveReader) -> list[str]:
    files = archive.names_ending(".txt")
    in_folder = [name for name in files if _GROUND_TRUTH.fullmatch(name)]
    if in_folder or len(files) != 1:
        return in_folder
    return files


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class _Sequences:
    """All sequences of an archive."""

    def __init__(self, archive: ArchiveReader, media: MediaIndex) -> None:
        self._archive = archive
        self._media = media
        self._images: defaultdict[str, list[int]] = defaultdict(list)
        for name in archive.names:
            if match := _IMAGE.fullmatch(name):
                self._images[match["folder"]].append(int(match["number"]))

    def objects(self, name: str) -> Iterator[Parsed]:
        """The objects of a sequence: those of single frames first, then tracks."""
        match = _GROUND_TRUTH.fullmatch(name)
        folder = match["folder"] if match else ""
        target = self._target(folder)
        classes, collector = self._classes(folder), ObjectCollector(self._media)
        for number, line in enumerate(self._archive.read(name).split(b"\n"), 1):
            if not line.strip():
                continue
            where = f"{name}, line {number}"
            try:
                frame, track, category, detection = _row(where, line.decode(errors="replace").split(","), classes)
                matched = _match(name, folder, target, frame, collector)
                yield from collector.add(matched, category, detection, track=track if track > 0 else None)
            except MALFORMED as error:
                yield skipped_for(where, error)
        if isinstance(target, TargetMedium):
            for number in self._images.get(folder) or range(1, target.frame_count + 1):
                collector.match(target.name, number - 1)
        yield from collector.finish()

    def _classes(self, folder: str) -> Sequence[str]:
        for name in (f"{folder}gt/labels.txt", f"{folder}labels.txt", "gt/labels.txt", "labels.txt"):
            if name in self._archive.names:
                lines = self._archive.read(name).decode(errors="replace").split("\n")
                return [line.strip("\r") for line in lines]
        return _CHALLENGE

    # ---- the medium of a sequence ----

    def _target(self, folder: str) -> TargetMedium | NoMatch:
        settings = self._sequence_info(f"{folder}seqinfo.ini")
        names = [name for name in (settings.get("name"), folder.rstrip("/")) if name]
        kinds: Sequence[Kind] = ("image", "video") if settings.get("seqlength") == "1" else ("video",)
        by_name: TargetMedium | NoMatch | None = None
        for name in names:
            for media in (self._media, *(self._by_kind[kind] for kind in kinds)):
                medium = media.named(name)
                if isinstance(medium, TargetMedium):
                    return medium
                by_name = by_name or medium
        videos = self._by_kind["video"].all
        if not names and len(videos) == 1:
            return videos[0]
        return by_name or no_video(len(videos))

    @cached_property
    def _by_kind(self) -> dict[Kind, MediaIndex]:
        """Images and videos separately, for names that both have."""
        kinds: tuple[Kind, ...] = ("image", "video")
        return {kind: MediaIndex(medium for medium in self._media.all if medium.kind == kind) for kind in kinds}

    def _sequence_info(self, name: str) -> dict[str, str]:
        if name not in self._archive.names:
            return {}
        rows = (line.partition("=") for line in self._archive.read(name).decode(errors="replace").split("\n"))
        return {key.strip().lower(): value.strip() for key, _, value in rows if value.strip()}


def _match(
    name: str, folder: str, target: TargetMedium | NoMatch, frame: int, collector: ObjectCollector
) -> MatchedFrame | UnmatchedFrame:
    """The frame of the sequence's medium, or the image named like the sequence's frame."""
    if isinstance(target, TargetMedium):
        return collector.match(target.name, frame - 1, f"{name}, frame {frame}")
    matched = collector.match(f"{folder}img1/{frame:06d}.jpg")
    return UnmatchedFrame(name, target.reason) if isinstance(matched, UnmatchedFrame) else matched


def _row(where: str, cells: Sequence[str], classes: Sequence[str]) -> tuple[int, int, str, Detection]:
    """The frame, the track, the class and the detection of a row."""
    if len(cells) not in _COLUMNS:
        raise ReaderError("values_count_wrong", count=len(cells), expected="6–10")
    frame, track, x, y, width, height = map(float, cells[:6])
    confidence = float(cells[6]) if len(cells) > 6 else 1.0
    has_details = 6 < len(cells) < _WORLD_COLUMNS
    number = int(float(cells[7])) if has_details and len(cells) > 7 else -1
    visibility = float(cells[8]) if has_details and len(cells) > 8 else 1.0
    attributes: dict[str, str | bool | float] = {"ignored": True} if confidence == 0 else {}
    if 0 < visibility < 1:
        attributes["visibility"] = visibility
    return (
        int(frame),
        int(track),
        _class(number, classes),
        Detection(
            where,
            Box(x1=x, y1=y, x2=x + width, y2=y + height),
            occluded=visibility == 0,
            score=confidence if 0 < confidence < 1 else None,
            attributes=attributes,
        ),
    )


def _class(number: int, classes: Sequence[str]) -> str:
    """The class of a number; the first class if none is given."""
    if number == -1:
        return classes[0]
    if not 1 <= number <= len(classes):
        raise ReaderError("no_such_class", number=str(number)[:100])
    return classes[number - 1]
