"""The media of an export: what formats need to know of them, and where their pictures lie in the archive."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath
from sys import intern

from common.contract.media import Conditions, Kind, Medium
from export.dataset.safe_names import Names, safe_path

_LIKE_A_FRAME = re.compile(r"(?P<folder>.+)/frame_\d{6,}(?:\.[^/]*)?", re.IGNORECASE)
_SUFFIXES = {"image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"), "image/png": (".png",)}


@dataclass(frozen=True, slots=True)
class ExportMedium:
    """A medium with true size and length.

    `path` is its name as a safe, unique path inside the archive; `folder` is where a video's frames go. `subset` is
    the part of the archive it belongs to, in formats that have parts; `picked` are the frames that are taken, all if
    None.
    """

    id: str
    project_id: str
    name: str
    kind: Kind
    content_type: str
    size_bytes: int
    sha256: str | None
    conditions: Conditions
    width: int
    height: int
    fps: float
    frame_count: int
    path: str
    folder: str
    subset: str = "default"
    picked: Sequence[int] | None = field(default=None, compare=False)

    @property
    def frames(self) -> Sequence[int]:
        """The frames that are taken, in order, 0-based over the medium."""
        return range(self.frame_count) if self.picked is None else self.picked

    def frame_path(self, frame: int) -> str:
        """Where the picture of `frame` (0-based over the medium) lies: an image keeps its own name."""
        return self.path if self.kind == "image" else f"{self.folder}/frame_{frame:06d}.jpg"


def is_exportable(medium: Medium) -> bool:
    """Whether the medium was decoded, so that it has frames to speak of."""
    return bool(medium.width and medium.height and medium.frame_count) and medium.state != "failed"


def export_medium(medium: Medium) -> ExportMedium:
    """A usable medium without what no format needs, and without a place yet: an export may have 100,000."""
    return ExportMedium(
        id=medium.id,
        project_id=intern(medium.project_id),
        name=medium.name,
        kind=medium.kind,
        content_type=intern(medium.content_type),
        size_bytes=medium.size_bytes,
        sha256=medium.sha256,
        conditions=_shared(medium.conditions),
        width=medium.width or 0,
        height=medium.height or 0,
        fps=medium.fps or 1.0,
        frame_count=medium.frame_count or 0,
        path="",
        folder="",
    )


@cache
def _shared(conditions: Conditions) -> Conditions:
    return conditions


def lay_out(media: Iterable[ExportMedium]) -> list[ExportMedium]:
    """The media by name, each with a place of its own in the archive.

    Images may lie in a video's folder, but not called like its frames: where a project has images of such a folder and
    such names, the frames of the video go to a folder with a number.
    """
    names = Names()
    by_name = sorted(media, key=lambda medium: (medium.name, medium.id))
    paths = (safe_path(medium.name) for medium in by_name if medium.kind == "image")
    taken = {found["folder"].casefold() for path in paths if (found := _LIKE_A_FRAME.fullmatch(path))}
    return [_laid_out(medium, names, taken) for medium in by_name]


def _laid_out(medium: ExportMedium, names: Names, taken: Container[str]) -> ExportMedium:
    """The medium with a place; frames go to none of the folders `taken`."""
    path = names.file(_with_suffix(safe_path(medium.name), medium.content_type))
    if medium.kind == "image":
        return replace(medium, path=path, folder="")
    wanted = str(PurePosixPath(path).with_suffix(""))
    folder = names.folder(wanted)
    while folder.casefold() in taken:
        folder = names.folder(wanted)
    return replace(medium, path=path, folder=folder)


def _with_suffix(path: str, content_type: str) -> str:
    """`path` with a suffix that says what an image is: readers choose the decoder by it."""
    suffixes = _SUFFIXES.get(content_type, ())
    known = not suffixes or PurePosixPath(path).suffix.lower() in suffixes
    return path if known else path + suffixes[0]
