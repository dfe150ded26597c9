"""The configuration of a YOLO data set, in data.yaml, in obj.data and obj.names, or in classes.txt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from common.contract.errors import Reason
from export.codecs.yaml import Value, parse_yaml
from export.parsing.archive_reader import ArchiveReader
from export.parsing.reasons import MALFORMED, ReaderError, reason_of

_NO_LISTS = {"classes", "names", "backup", "eval", "path"}
_MOST_CLASSES = 100_000


class ConfigError(Exception):
    """The file that describes a data set cannot be read."""

    def __init__(self, file: str, reason: Reason) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """The configuration: its file, class names by number, and the entries of each subset. `points` are the number of
    keypoints and of values per keypoint, `point_names` their names by class."""

    file: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    subsets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    points: tuple[int, int] | None = None
    point_names: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The folder of the data set, with a trailing `/` unless it is the root."""
        folder, slash, name = self.file.rpartition("/")
        return "" if name == "classes.txt" else folder + slash

    def category(self, number: int) -> str:
        """The name of a class; its number if no class is named.

        Raises:
            ValueError: the data does not follow the format.
        """
        name = self.names.get(number) if self.names else str(number)
        if not name:
            raise ReaderError("no_such_class_in", number=number, file=self.file)
        return name

    def point_name(self, number: int, point: int) -> str:
        """The name of a keypoint, or its number."""
        names = self.point_names.get(number, ())
        return (names[point] if point < len(names) else "") or str(point)


def config_file(archive: ArchiveReader) -> str | None:
    """The topmost data.yaml of an archive that names classes."""
    files = sorted(archive.names_ending(".yaml", ".yml"), key=lambda name: (name.count("/"), name))
    return next((name for name in files[:20] if b"names" in archive.head(name)), None)


def read_config(archive: ArchiveReader) -> DatasetConfig:
    """The configuration of an archive.

    Raises:
        ConfigError: the data does not follow the format.
    """
    file = config_file(archive)
    if file is None:
        return _config_from_darknet(archive)
    try:
        return _config_from_yaml(file, parse_yaml(archive.read(file).decode(errors="replace")))
    except MALFORMED as error:
        raise ConfigError(file, reason_of(error)) from error


def _config_from_yaml(file: str, fields: Value) -> DatasetConfig:
    if not isinstance(fields, dict):
        raise ReaderError("classes_missing")
    shape = fields.get("kpt_shape")
    points = (int(str(shape[0])), int(str(shape[1]))) if isinstance(shape, list) and len(shape) == 2 else None
    subsets = {name: _words(value) for name, value in fields.items() if name not in _NO_LISTS and _words(value)}
    by_class = {number: _words(names) for number, names in _numbered(fields.get("kpt_names"))}
    return DatasetConfig(file, dict(_named(fields.get("names"))), subsets, points, by_class)


def _words(value: Value) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [word for word in listed if isinstance(word, str)]


def _numbered(value: Value) -> Iterable[tuple[int, Value]]:
    """The entries of a list, or of a map with numeric keys."""
    if isinstance(value, dict):
        return [(int(number), entry) for number, entry in value.items()]
    return enumerate(value) if isinstance(value, list) else []


def _named(value: Value) -> Iterable[tuple[int, str]]:
    for number, name in _numbered(value):
        if not isinstance(name, str | None):
            raise ReaderError("class_name_missing", number=number)
        yield number, name or str(number)


def names_file(archive: ArchiveReader) -> str | None:
    """The file of class names, one per line: obj.names or another `.names` file, or labelImg's classes.txt."""
    files = sorted(archive.names_ending(".names", "classes.txt"), key=lambda name: (name.count("/"), name))
    named = [name for name in files if name.lower().endswith(".names") or _last(name) == "classes.txt"]
    return min(named, key=lambda name: _last(name) == "classes.txt", default=None)


def _config_from_darknet(archive: ArchiveReader) -> DatasetConfig:
    file = next((name for name in archive.names_ending(".data")), None)
    fields = dict(_settings(archive.read(file))) if file else {}
    subsets = {name: [value] for name, value in fields.items() if name not in _NO_LISTS}
    named = _like(archive.names_ending(_last(fields.get("names", "")) or "obj.names"), fields.get("names", ""))
    named = named or names_file(archive)
    if named is None:
        return DatasetConfig(file or "", {}, subsets)
    lines = archive.read(named).decode(errors="replace").split("\n")
    names = {number: line.strip() for number, line in enumerate(lines[:_MOST_CLASSES])}
    return DatasetConfig(named, {number: name for number, name in names.items() if name}, subsets)


def _settings(content: bytes) -> Iterable[tuple[str, str]]:
    for line in content.decode(errors="replace").split("\n"):
        name, is_set, value = line.partition("=")
        if is_set and not name.lstrip().startswith("#"):
            yield name.strip(), value.strip()


def _last(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).name.lower()


def _like(files: Iterable[str], path: str) -> str | None:
    """The file of a path that may start elsewhere."""
    return next((name for name in files if _last(name) == _last(path)), None)
