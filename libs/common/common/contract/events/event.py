"""The base of facts and jobs."""

from typing import Any, ClassVar

from common.contract.labels import Id
from common.contract.model import Model
from common.service.ids import stable_id

JOB_PREFIX = "job."


class Event(Model):
    """A fact, or a job (its type begins with `job.`). Every subclass that has a `type` is registered."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    stream: ClassVar[str]
    by: ClassVar[str]

    project_id: Id

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
        """Where this event is published."""
        return f"{self.type}.v{self.version}.{self.project_id}"

    @property
    def about(self) -> str:
        """What the event is about: the medium, run or export, for readers that filter without parsing."""
        return self.project_id

    def key(self) -> tuple[str | int, ...]:
        """What makes this happening different from every other of its type in the project."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """The event id: equal whenever the same thing is told again."""
        return stable_id(self.type, self.version, self.project_id, *self.key())


_REGISTERED: list[type[Event]] = []


def registered_facts() -> tuple[type[Event], ...]:
    """Every fact there is, in the order of their modules."""
    return tuple(event for event in _REGISTERED if not event.type.startswith(JOB_PREFIX))


def registered_jobs() -> tuple[type[Event], ...]:
    """Every job there is, in the order of their modules."""
    return tuple(event for event in _REGISTERED if event.type.startswith(JOB_PREFIX))


class MediaEvent(Event):
    """An event about one medium."""

    media_id: Id

    @property
    def about(self) -> str:
        return self.media_id

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id,)
