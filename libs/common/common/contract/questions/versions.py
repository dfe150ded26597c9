"""Questions to export about dataset versions: immutable snapshots of a project's files and labels."""

from typing import Annotated, Literal

from pydantic import Field

from common.contract.labels import Id
from common.contract.model import Model
from common.contract.questions.export import SubsetSplit
from common.contract.questions.question import Page, ProjectPageQuestion, Question


class DatasetVersion(Model):
    """A version of a project's dataset: its labels at one time, and its files by SHA-256 and subset.

    `sha256` is the digest of both: versions with the same digest are equal. `exports` counts the exports of it.
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


class PublishVersion(Question[DatasetVersion], to="export", timeout_s=300.0):
    """Publish the current files (default: all) and labels under the next number, and make that version the current one.
    Idempotent by `version_id`."""

    version_id: Id
    project_id: Id
    media: list[Id] | None = None
    split: SubsetSplit | None = None
    author: str


class VersionList(Page):
    """Versions, newest first."""

    items: list[DatasetVersion]


class ListVersions(ProjectPageQuestion[VersionList], to="export"):
    """The versions of a project. `media` keeps only those that contain one of these media."""

    media: list[Id] | None = None


class GetVersion(Question[DatasetVersion], to="export"):
    """One version."""

    version_id: Id


class SetCurrentVersion(Question[DatasetVersion], to="export"):
    """Make a version the current one of its project."""

    version_id: Id


class DeleteVersion(Question[DatasetVersion], to="export"):
    """Delete a version. Files, labels and exports of it are kept."""

    version_id: Id


class ObjectDifference(Model):
    """An object that differs between two versions."""

    object_id: str
    media_id: Id
    change: Literal["added", "removed", "changed"]


class VersionDifference(Model):
    """The differences between two versions: numbers of objects and media, and the first 500 objects."""

    added: int
    removed: int
    changed: int
    media_added: list[Id]
    media_removed: list[Id]
    objects: Annotated[list[ObjectDifference], Field(max_length=500)]


class CompareVersions(Question[VersionDifference], to="export", timeout_s=120.0):
    """Compare a version with an earlier one of the same project."""

    version_id: Id
    since: Id
