"""Files of labels that are called like the pictures they are about."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame


class LabelFile(NamedTuple):
    """A file of the archive, and the path of its picture: the same but for the suffix and folders of the format."""

    name: str
    path: str


def group_by_medium(files: Iterable[LabelFile], frames: ObjectCollector) -> Iterator[list[LabelFile]]:
    """The files of one video after the other, whatever their order in the archive; those of images together, and last
    those that mean no picture by their names. All their pictures are there."""
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
    """The picture of a file: its own name tells it, or else a name that it says itself, beside it or wherever. Files
    are renamed more often than what they say."""
    own = frames.match(file.path, None, file.name)
    if isinstance(own, MatchedFrame) or not raw:
        return own
    last = PurePosixPath(raw.replace("\\", "/")).name
    for path in (str(PurePosixPath(file.path).parent / last), raw):
        place = frames.match(path, None, file.name)
        if isinstance(place, MatchedFrame):
            return place
    return own
