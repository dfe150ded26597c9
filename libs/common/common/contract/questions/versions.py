"""What export is asked about dataset versions: pictures of a project's files and labels that never change."""

from typing import Annotated, Literal

from pydantic import Field

from common.contract.labels import Id
from common.contract.model import Model
from common.contract.questions.export import SubsetSplit
from common.contract.questions.question import PageRequest, Question


class DatasetVersion(Model):
    """A version of a project's dataset: its labels at one moment, and its files by their SHA-256, in their subsets.

    `sha256` is the digest of both, so that two versions with the same one are equal. `exports` were made of it.
    """

    id: Id
    project_id: Id
    number: int
    name: str
    media: int
    objects: int
    split: SubsetSplit | None = None
    sha256: str
    is_current: bool = False
    exports: int = 0
    author: str
    created_at: float


class PublishVersion(Question[DatasetVersion]):
    """Keep the files (all if none are named) and their labels as they are now under the next number, and make that
    version the current one; the same `version_id` again is the same version."""

    to = "export"
    timeout_s = 300.0

    version_id: Id
    project_id: Id
    media: list[Id] | None = None
    split: SubsetSplit | None = None
    author: str


class VersionList(Model):
    """Versions, newest first."""

    items: list[DatasetVersion]
    next_cursor: str | None = None


class ListVersions(Question[VersionList]):
    """The versions of a project; only those that have one of these `media`, if any are named."""

    to = "export"

    project_id: Id
    media: list[Id] | None = None
    page: PageRequest = PageRequest()


class GetVersion(Question[DatasetVersion]):
    """One version."""

    to = "export"

    version_id: Id


class SetCurrentVersion(Question[DatasetVersion]):
    """Make a version the current one of its project."""

    to = "export"

    version_id: Id


class DeleteVersion(Question[DatasetVersion]):
    """Take a version off the list; files and labels stay as they are, and so do exports that were made of it."""

    to = "export"

    version_id: Id


class ObjectDifference(Model):
    """An object that is not the same in two versions."""

    object_id: str
    media_id: Id
    change: Literal["added", "removed", "changed"]


class VersionDifference(Model):
    """What is different in a version from another: numbers of objects and files, and the first 500 of the objects."""

    added: int
    removed: int
    changed: int
    media_added: list[Id]
    media_removed: list[Id]
    objects: Annotated[list[ObjectDifference], Field(max_length=500)]


class CompareVersions(Question[VersionDifference]):
    """What came, went and changed in a version since another of the same project."""

    to = "export"
    timeout_s = 120.0

    version_id: Id
    since: Id
