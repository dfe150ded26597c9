"""What every question has in common."""

from typing import ClassVar, Generic, TypeVar, cast

from pydantic import Field

from common.contract.model import Model

A = TypeVar("A", bound=Model)


class Question(Model, Generic[A]):
    """A question to one service; `A` is the answer."""

    to: ClassVar[str]
    timeout_s: ClassVar[float] = 10.0

    @classmethod
    def subject(cls) -> str:
        """Where this is asked: `ask.<service>.<Question>`."""
        return f"ask.{cls.to}.{cls.__name__}"

    @classmethod
    def answer(cls) -> type[A]:
        """The class of the answer."""
        generics = (vars(base).get("__pydantic_generic_metadata__", {}).get("args") for base in cls.__mro__)
        return cast("type[A]", next(arguments for arguments in generics if arguments)[0])


class Empty(Model):
    """The answer of a command that has nothing to say."""


class PageRequest(Model):
    """How a list is read on: `cursor` is what the last answer gave as `next_cursor`."""

    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = None
