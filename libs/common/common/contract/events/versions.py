"""What export tells of dataset versions."""

from common.contract.events.event import Event
from common.contract.labels import Id


class VersionPublished(Event):
    """A version of a project's dataset was published, and is the current one; nobody changes what it is of."""

    type = "version.published"
    stream = "EXPORT"
    by = "export"

    version_id: Id
    number: int
    name: str
    media: int
    objects: int
    sha256: str
    author: str

    @property
    def about(self) -> str:
        return self.version_id

    def key(self) -> tuple[str | int, ...]:
        return (self.version_id,)


class VersionChanged(Event):
    """A version was made the current one of its project, or was taken off the list."""

    type = "version.changed"
    stream = "EXPORT"
    by = "export"

    version_id: Id
    revision: int
    name: str
    is_current: bool
    deleted: bool

    @property
    def about(self) -> str:
        return self.version_id

    def key(self) -> tuple[str | int, ...]:
        return (self.version_id, self.revision)
