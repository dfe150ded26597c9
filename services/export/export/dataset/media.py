"""The media of an export: their properties, and the paths of their images in the archive."""

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
    """A medium with its decoded size and length.

    `path` is its name as a safe, unique path inside the archive; `folder` is where a video's frames go. `subset` is its
    subset, in formats that have subsets; `picked` are the selected frames, all if None.
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
        """The selected frames, in order, 0-based over the medium."""
        return range(self.frame_count) if self.picked is None else self.picked

    def frame_path(self, frame: int) -> str:
        """The path of the image of `frame` (0-based over the medium); an image medium keeps its own name."""
        return self.path if self.kind == "image" else f"{self.folder}/frame_{frame:06d}.jpg"


def is_exportable(medium: Medium) -> bool:
    """Whether the medium was decoded."""
    return bool(medium.width and medium.height and medium.frame_count) and medium.state != "failed"


def export_medium(medium: Medium) -> ExportMedium:
    """A decoded medium with the fields that formats need, without a path yet; an export may have 100,000."""
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
    """The media by name, each with a unique path in the archive.

    Images may lie in a video's folder, but not under the names of its frames: where a project has such images, the
    frames of the video go to a folder with a number.
    """
    names = Names()
    by_name = sorted(media, key=lambda medium: (medium.name, medium.id))
    paths = (safe_path(medium.name) for medium in by_name if medium.kind == "image")
    reserved = {found["folder"].casefold() for path in paths if (found := _LIKE_A_FRAME.fullmatch(path))}
    return [_laid_out(medium, names, reserved) for medium in by_name]


def _laid_out(medium: ExportMedium, names: Names, reserved: Container[str]) -> ExportMedium:
    """The medium with its path; frames go to none of the `reserved` folders."""
    path = names.file(_with_suffix(safe_path(medium.name), medium.content_type))
    if medium.kind == "image":
        return replace(medium, path=path, folder="")
    wanted = str(PurePosixPath(path).with_suffix(""))
    folder = names.folder(wanted)
    while folder.casefold() in reserved:
        folder = names.folder(wanted)
    return replace(medium, path=path, folder=folder)


def _with_suffix(path: str, content_type: str) -> str:
    """`path` with a suffix that matches the content type: readers choose the decoder by it."""
    suffixes = _SUFFIXES.get(content_type, ())
    known = not suffixes or PurePosixPath(path).suffix.lower() in suffixes
    return path if known else path + suffixes[0]
