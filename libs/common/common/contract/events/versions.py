"""Events of dataset versions."""

from common.contract.events.event import Event
from common.contract.labels import Id


class VersionPublished(Event, type="version.published", stream="EXPORT", by="export", key=("version_id",)):
    """A dataset version was published and made the current one. Its content never changes."""

    version_id: Id
    number: int
    name: str
    media: int
    objects: int
    sha256: str
    author: str


class VersionChanged(Event, type="version.changed", stream="EXPORT", by="export", key=("version_id", "revision")):
    """A dataset version was made the current one of its project, or deleted."""

    version_id: Id
    revision: int
    name: str
    is_current: bool
    deleted: bool
