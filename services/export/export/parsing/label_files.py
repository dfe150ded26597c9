"""Files of labels that are called like the pictures they are about."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from export.parsing.frames import Frames, Missing
from export.parsing.matching import Place


class LabelFile(NamedTuple):
    """A file of the archive, and the path of its picture: the same but for the suffix and folders of the format."""

    name: str
    path: str


def by_medium(files: Iterable[LabelFile], frames: Frames) -> Iterator[list[LabelFile]]:
    """The files of one video after the other, whatever their order in the archive; those of images together, and last
    those that mean no picture by their names. All their pictures are there."""
    groups: dict[str, list[LabelFile]] = {}
    strange: list[LabelFile] = []
    for file in files:
        place = frames.place(file.path, None, file.name)
        if isinstance(place, Missing):
            strange.append(file)
        else:
            groups.setdefault(place.medium.id if place.medium.kind == "video" else "", []).append(file)
    yield from groups.values()
    if strange:
        yield strange


def place_of(file: LabelFile, told: str, frames: Frames) -> Place | Missing:
    """The picture of a file: its own name tells it, or else a name that it says itself, beside it or wherever. Files
    are renamed more often than what they say."""
    own = frames.place(file.path, None, file.name)
    if isinstance(own, Place) or not told:
        return own
    last = PurePosixPath(told.replace("\\", "/")).name
    for path in (str(PurePosixPath(file.path).parent / last), told):
        place = frames.place(path, None, file.name)
        if isinstance(place, Place):
            return place
    return own
