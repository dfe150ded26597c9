"""The base of facts and jobs."""

from typing import Any, ClassVar, TypedDict, Unpack

from common.contract.labels import Id
from common.contract.model import Model
from common.service.ids import stable_id

JOB_PREFIX = "job."


class EventDeclaration(TypedDict, total=False):
    """The keywords of an event's class: its type, stream and publishing service, and the fields that identify it."""

    type: str
    stream: str
    by: str
    key: tuple[str, ...]


class Event(Model):
    """A fact, or a job (its type begins with `job.`). Every subclass with a `type` is registered:

    class MediaHashed(MediaEvent, type="media.hashed", stream="MEDIA", by="ingest"): …
    """

    type: ClassVar[str]
    version: ClassVar[int] = 1
    stream: ClassVar[str]
    by: ClassVar[str]
    key_fields: ClassVar[tuple[str, ...]] = ()

    project_id: Id

    def __init_subclass__(cls, **declaration: Unpack[EventDeclaration]) -> None:
        super().__init_subclass__()
        if "key" in declaration:
            cls.key_fields = declaration.pop("key")
        for name, value in declaration.items():
            setattr(cls, name, value)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "type" in vars(cls):
            _REGISTERED.append(cls)

    @classmethod
    def pattern(cls) -> str:
        """The subject of this type in all projects."""
        return f"{cls.type}.v{cls.version}.*"

    @property
    def subject(self) -> str:
        """The subject on which this event is published."""
        return f"{self.type}.v{self.version}.{self.project_id}"

    @property
    def about(self) -> str:
        """The id of the resource concerned, for filtering without parsing. By default the first of `key`."""
        return str(self.key()[0])

    def key(self) -> tuple[str | int, ...]:
        """The values that identify this event among all of its type in the project."""
        return tuple(getattr(self, field) for field in self.key_fields)

    @property
    def id(self) -> str:
        """The event id. Publishing the same event again gives the same id."""
        return stable_id(self.type, self.version, self.project_id, *self.key())


_REGISTERED: list[type[Event]] = []


def registered_facts() -> tuple[type[Event], ...]:
    """All facts, in the order of their modules."""
    return tuple(event for event in _REGISTERED if not event.type.startswith(JOB_PREFIX))


def registered_jobs() -> tuple[type[Event], ...]:
    """All jobs, in the order of their modules."""
    return tuple(event for event in _REGISTERED if event.type.startswith(JOB_PREFIX))


class ProjectEvent(Event):
    """An event about a project."""

    @property
    def about(self) -> str:
        return self.project_id


class MediaEvent(Event, key=("media_id",)):
    """An event about one medium."""

    media_id: Id

    @property
    def about(self) -> str:
        return self.media_id
