"""The folder of each image, in formats with one folder for each class."""

from array import array

from export.dataset.media import ExportMedium
from export.dataset.texts import ClassNames


class ClassFolders:
    """The class of each image as the name of a folder: a few bytes for each frame until the images are written."""

    def __init__(self, names: ClassNames) -> None:
        self._names = names
        self._classes: list[str] = []
        self._numbers: dict[str, array[int]] = {}

    def put(self, medium: ExportMedium, frame: int, category: str) -> None:
        """Record the class of a frame's image."""
        if medium.id not in self._numbers:
            self._numbers[medium.id] = array("i", [-1]) * medium.frame_count
        if category not in self._classes:
            self._classes.append(category)
        self._numbers[medium.id][frame] = self._classes.index(category)

    def of(self, medium: ExportMedium, frame: int) -> str | None:
        """The folder of a frame's image; None if it has no class."""
        numbers = self._numbers.get(medium.id)
        if numbers is None or numbers[frame] < 0:
            return None
        return self._names.of(self._classes[numbers[frame]])
