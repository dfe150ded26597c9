"""Matches label files with media and frames by path, stem and frame number."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from common.contract.errors import Reason, reason_for
from common.contract.media import Kind
from export.dataset.safe_names import safe_path

_NUMBERED = re.compile(r"^(?P<media>.+)_\d{5}$")
_FRAME = re.compile(r"(?:^|.*[^0-9])(?P<number>\d{1,8})$")
_MOVED = re.compile(r"^(?P<video>.+) \(\d+\)/frame_(?P<number>\d{6,8})\.\w+$")
_FLAT = re.compile(r"^(?P<media>.+)_frame_\d{6,}$")


class TargetMedium(NamedTuple):
    """A medium that labels may be imported into."""

    id: str
    name: str
    kind: Kind
    frame_count: int
    sha256: str | None = None
    width: int = 0
    height: int = 0
    fps: float = 0.0


class MatchedFrame(NamedTuple):
    """A frame of a medium."""

    medium: TargetMedium
    frame: int


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No file or frame of the project matches, and why."""

    reason: Reason


class MediaIndex:
    """The media of a project, found by the names that archives use.

    A path is looked up exactly, then without its suffix, then without leading folders, then by its stem alone. A step
    counts only if it matches exactly one medium; ambiguous names match none.
    """

    def __init__(self, targets: Iterable[TargetMedium]) -> None:
        self.all = list(targets)
        paths = [(path, medium) for medium in self.all for path in {clean(medium.name), safe_path(medium.name)}]
        safe = [(safe_path(medium.name), medium) for medium in self.all]
        self._by_id = {medium.id: medium for medium in self.all}
        self._by_hash = _indexed((medium.sha256, medium) for medium in self.all if medium.sha256)
        self._by_path = _indexed(paths)
        self._by_bare = _indexed((_bare(path), medium) for path, medium in paths)
        self._by_tail = _indexed(_tails(self.all))
        self._by_flat = _indexed((_bare(path).replace("/", "_"), medium) for path, medium in safe if "/" in path)

    def named(self, path: str, known_id: str | None = None, sha256: str | None = None) -> TargetMedium | NoMatch:
        """The medium of a path; a known id or checksum takes precedence."""
        if known_id in self._by_id:
            return self._by_id[known_id]
        found = self._called(clean(path))
        if isinstance(found, TargetMedium):
            return found
        same = self._by_hash.get(sha256 or "", [])
        return same[0] if len(same) == 1 else found

    def named_by_label_file(self, label_file: str) -> TargetMedium | NoMatch:
        """The medium of a label file named `<medium>_0000X.json`, or like the medium itself."""
        stem = _bare(clean(label_file))
        numbered = _NUMBERED.match(stem)
        names = ([numbered["media"]] if numbered else []) + [stem]
        for name in names:
            found = self._called(name)
            if isinstance(found, TargetMedium):
                return found
        return found

    def frame(self, path: str, number: int | None = None) -> MatchedFrame | NoMatch:
        """The frame of an image path; `number` is the frame number that the archive gives beside it."""
        path = clean(path)
        if moved := self._moved(path):
            return moved
        found = self._called(path)
        if isinstance(found, TargetMedium) and (found.kind == "image" or number is not None):
            return _at(found, 0 if found.kind == "image" else number or 0)
        numbered = _number_in(path) if number is None else number
        video = self._video_of(path) if numbered is not None else None
        if isinstance(video, TargetMedium) and numbered is not None:
            return _at(video, numbered)
        if isinstance(found, TargetMedium):
            return NoMatch(reason_for("frame_not_given", file=found.name))
        return video if isinstance(video, NoMatch) and video.reason.code != "no_such_file" else found

    def _moved(self, path: str) -> MatchedFrame | NoMatch | None:
        """The frame of a video whose folder is numbered because the project has images with the same paths."""
        found = _MOVED.match(path)
        if found is None or path in self._by_path or isinstance(self._called(path.rpartition("/")[0]), TargetMedium):
            return None
        video = self._called(found["video"])
        if isinstance(video, NoMatch) or video.kind != "video":
            return None
        return _at(video, int(found["number"]))

    def _video_of(self, path: str) -> TargetMedium | NoMatch:
        """The video of a frame: by its folder, or by the frame's file name, or else the only video of the project."""
        flat = _FLAT.match(_bare(path).rpartition("/")[2])
        named = self._called(flat["media"]) if flat else None
        if isinstance(named, TargetMedium) and named.kind == "video":
            return named
        folder = str(PurePosixPath(path).parent)
        videos = [medium for medium in self.all if medium.kind == "video"]
        if folder == "." or PurePosixPath(folder).name in ("images", "default", "train", "obj_train_data"):
            return videos[0] if len(videos) == 1 else no_video(len(videos))
        found = self._called(folder)
        if isinstance(found, TargetMedium) and found.kind != "video":
            return NoMatch(reason_for("not_a_video", file=found.name))
        return found

    def _called(self, path: str) -> TargetMedium | NoMatch:
        several: list[TargetMedium] = []
        for candidates in self._steps(path):
            if len(candidates) == 1:
                return candidates[0]
            several = several or candidates
        if several:
            return NoMatch(
                reason_for("file_ambiguous", count=len(several), first=several[0].name, second=several[1].name)
            )
        return NoMatch(reason_for("no_such_file"))

    def _steps(self, path: str) -> Iterator[list[TargetMedium]]:
        yield self._by_path.get(path, [])
        yield self._by_bare.get(_bare(path), []) or self._by_bare.get(path, [])
        parts = path.split("/")
        for begin in range(1, len(parts)):
            rest = "/".join(parts[begin:])
            yield self._by_path.get(rest, [])
            yield self._by_bare.get(_bare(rest), []) or self._by_bare.get(rest, [])
        yield self._by_tail.get(_bare(path), []) or self._by_tail.get(path, [])
        yield self._by_tail.get(_bare(parts[-1]), [])
        yield self._by_flat.get(_bare(parts[-1]), []) or self._by_flat.get(parts[-1], [])


def clean(path: str) -> str:
    """A normalized path: `/` as separator, NFC, no empty parts."""
    parts = unicodedata.normalize("NFC", path).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))


def _bare(path: str) -> str:
    """The path without its suffix."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return folder + slash + (stem if dot and stem and len(suffix) <= 5 else name)


def _tails(media: Iterable[TargetMedium]) -> Iterator[tuple[str, TargetMedium]]:
    """The trailing parts of the media's paths."""
    for medium in media:
        parts = _bare(clean(medium.name)).split("/")
        for begin in range(len(parts)):
            yield "/".join(parts[begin:]), medium


def _indexed(named: Iterable[tuple[str | None, TargetMedium]]) -> dict[str, list[TargetMedium]]:
    found: defaultdict[str, list[TargetMedium]] = defaultdict(list)
    for name, target in named:
        if name and target not in found[name]:
            found[name].append(target)
    return dict(found)


def _number_in(path: str) -> int | None:
    """The number at the end of a file name."""
    found = _FRAME.match(_bare(path).rpartition("/")[2])
    return int(found["number"]) if found else None


def no_video(video_count: int) -> NoMatch:
    """The reason why labels without a file name cannot be assigned to a video."""
    return NoMatch(reason_for("video_ambiguous", count=video_count) if video_count else reason_for("no_such_file"))


def _at(medium: TargetMedium, frame: int) -> MatchedFrame | NoMatch:
    if 0 <= frame < medium.frame_count:
        return MatchedFrame(medium, frame)
    return NoMatch(reason_for("no_such_frame", file=medium.name, frame=frame, count=medium.frame_count))
