"""Which medium, and which of its frames, a label file means: by path, stem and frame number."""

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
    """A medium that labels may go to."""

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
    """The media of a project, found by what archives call them.

    A name is looked up as it is, then without its suffix, then with folders before it left out, then by its stem
    alone. Each step counts only where it means one medium; where it means several, labels go to none.
    """

    def __init__(self, targets: Iterable[TargetMedium]) -> None:
        self.all = list(targets)
        self._by_id = {one.id: one for one in self.all}
        self._by_hash = _indexed((one.sha256, one) for one in self.all if one.sha256)
        self._by_path = _indexed((path, one) for one in self.all for path in {clean(one.name), safe_path(one.name)})
        bare = ((_bare(path), one) for one in self.all for path in {clean(one.name), safe_path(one.name)})
        self._by_bare = _indexed(bare)
        self._by_tail = _indexed(_tails(self.all))
        flat = ((_bare(safe_path(one.name)).replace("/", "_"), one) for one in self.all if "/" in safe_path(one.name))
        self._by_flat = _indexed(flat)

    def named(self, path: str, known_id: str | None = None, sha256: str | None = None) -> TargetMedium | NoMatch:
        """The medium that a path means; its id or the checksum of its bytes settle it."""
        if known_id in self._by_id:
            return self._by_id[known_id]
        found = self._called(clean(path))
        if isinstance(found, TargetMedium):
            return found
        same = self._by_hash.get(sha256 or "", [])
        return same[0] if len(same) == 1 else found

    def named_by_label_file(self, label_file: str) -> TargetMedium | NoMatch:
        """The medium whose labels a file holds that is called `<media>_0000X.json`, or just like the medium."""
        stem = _bare(clean(label_file))
        numbered = _NUMBERED.match(stem)
        names = ([numbered["media"]] if numbered else []) + [stem]
        for name in names:
            found = self._called(name)
            if isinstance(found, TargetMedium):
                return found
        return found

    def frame(self, path: str, number: int | None = None) -> MatchedFrame | NoMatch:
        """The frame that the path of a picture means; `number` is what the archive says beside it."""
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
        """The frame of a video whose folder has a number, because the project has images called like its frames."""
        found = _MOVED.match(path)
        if found is None or path in self._by_path or isinstance(self._called(path.rpartition("/")[0]), TargetMedium):
            return None
        video = self._called(found["video"])
        if isinstance(video, NoMatch) or video.kind != "video":
            return None
        return _at(video, int(found["number"]))

    def _video_of(self, path: str) -> TargetMedium | NoMatch:
        """The video in whose folder a frame lies, or which its name names where all lie in one folder; without any of
        these, the only video there is."""
        flat = _FLAT.match(_bare(path).rpartition("/")[2])
        named = self._called(flat["media"]) if flat else None
        if isinstance(named, TargetMedium) and named.kind == "video":
            return named
        folder = str(PurePosixPath(path).parent)
        videos = [one for one in self.all if one.kind == "video"]
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
    """A path as it is compared: with slashes, without what says nothing."""
    parts = unicodedata.normalize("NFC", path).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))


def _bare(path: str) -> str:
    """Without the suffix."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return folder + slash + (stem if dot and stem and len(suffix) <= 5 else name)


def _tails(media: Iterable[TargetMedium]) -> Iterator[tuple[str, TargetMedium]]:
    """The ends of the paths of media: what is left of a name when folders before it are left out."""
    for one in media:
        parts = _bare(clean(one.name)).split("/")
        for begin in range(len(parts)):
            yield "/".join(parts[begin:]), one


def _indexed(named: Iterable[tuple[str | None, TargetMedium]]) -> dict[str, list[TargetMedium]]:
    found: defaultdict[str, list[TargetMedium]] = defaultdict(list)
    for name, target in named:
        if name and target not in found[name]:
            found[name].append(target)
    return dict(found)


def _number_in(path: str) -> int | None:
    """The number at the end of a picture's name."""
    found = _FRAME.match(_bare(path).rpartition("/")[2])
    return int(found["number"]) if found else None


def no_video(video_count: int) -> NoMatch:
    """Why labels without a file name are not those of the project's only video."""
    return NoMatch(reason_for("video_ambiguous", count=video_count) if video_count else reason_for("no_such_file"))


def _at(medium: TargetMedium, frame: int) -> MatchedFrame | NoMatch:
    if 0 <= frame < medium.frame_count:
        return MatchedFrame(medium, frame)
    return NoMatch(reason_for("no_such_frame", file=medium.name, frame=frame, count=medium.frame_count))
