"""Label files that are named after their images."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame


class LabelFile(NamedTuple):
    """A label file, and the path of its image without the format's folders."""

    name: str
    path: str


def group_by_medium(files: Iterable[LabelFile], frames: ObjectCollector) -> Iterator[list[LabelFile]]:
    """The label files grouped by video, then those of images, then those without a match by name. All their frames
    count as present."""
    groups: dict[str, list[LabelFile]] = {}
    strange: list[LabelFile] = []
    for file in files:
        place = frames.match(file.path, None, file.name)
        if isinstance(place, UnmatchedFrame):
            strange.append(file)
        else:
            groups.setdefault(place.medium.id if place.medium.kind == "video" else "", []).append(file)
    yield from groups.values()
    if strange:
        yield strange


def match_label_file(file: LabelFile, raw: str, frames: ObjectCollector) -> MatchedFrame | UnmatchedFrame:
    """The image of a label file: by the file's own name, or else by the image name in it. Label files are renamed
    more often than their content is edited."""
    own = frames.match(file.path, None, file.name)
    if isinstance(own, MatchedFrame) or not raw:
        return own
    last = PurePosixPath(raw.replace("\\", "/")).name
    for path in (str(PurePosixPath(file.path).parent / last), raw):
        place = frames.match(path, None, file.name)
        if isinstance(place, MatchedFrame):
            return place
    return own
