"""Image ids for formats that name images without their suffix, or all in one folder."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.texts import REPLACED, Safe

_FRAME = re.compile(r"^(.*)([/_])frame_\d{6,}$")


class ImageIds:
    """Image ids, unique also where case is ignored: the path of an image without its suffix; `flat` ids have `_` for
    each `/`. Like paths, they have no quotes, backslashes and control characters; `safe` replaces whatever else a
    format cannot hold, which is reported."""

    def __init__(
        self, media: Sequence[ExportMedium], report: LossReport, *, flat: bool = False, safe: Safe | None = None
    ) -> None:
        self._between = "_" if flat else "/"
        self._safe = safe or str
        self._report = report
        self._images: set[str] = set()
        self._videos: set[str] = set()
        self._numbered: set[str] = set()
        self._known = {medium.id: self._name(medium) for medium in media}

    def of(self, medium: ExportMedium, frame: int) -> str:
        """The id of a frame's image."""
        name, _ = self._known[medium.id]
        return name if medium.kind == "image" else f"{name}{self._between}frame_{frame:06d}"

    def file(self, medium: ExportMedium, frame: int) -> str:
        """The id with the suffix of the image's file."""
        return self.of(medium, frame) + self.suffix(medium)

    def suffix(self, medium: ExportMedium) -> str:
        """The suffix of a medium's image files, with its dot."""
        return self._known[medium.id][1]

    def _name(self, medium: ExportMedium) -> tuple[str, str]:
        """The id of an image, or the prefix of the ids of a video's frames; and the suffix."""
        path = PurePosixPath(medium.frame_path(0))
        wanted = str(path.with_suffix("")) if medium.kind == "image" else medium.folder
        name = self._safe(wanted)
        self._report.add(REPLACED, name != wanted)
        name = name.replace("/", self._between)
        chosen, number = name, 1
        while not self._take(medium.kind == "image", chosen.casefold()):
            number += 1
            chosen = f"{name} ({number})"
        return chosen, path.suffix

    def _take(self, is_image: bool, name: str) -> bool:
        """Reserve a name; False if it is in use. An image may have the name of a video's frame."""
        if not is_image:
            free = name not in self._videos and name not in self._numbered
            self._videos.add(name)
            return free
        like = _FRAME.match(name)
        prefix = like[1] if like and like[2] == self._between else None
        if name in self._images or (prefix is not None and prefix in self._videos):
            return False
        self._images.add(name)
        if prefix is not None:
            self._numbered.add(prefix)
        return True
