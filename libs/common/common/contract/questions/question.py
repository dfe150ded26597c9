"""The base of all questions."""

from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import Field

from common.contract.model import Model

A = TypeVar("A", bound=Model)


class Question(Model, Generic[A]):
    """A request to one service; `A` is the answer. Every subclass that names its service (`to`) is registered."""

    to: ClassVar[str]
    timeout_s: ClassVar[float] = 10.0

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "to" in vars(cls):
            _REGISTERED.append(cls)

    @classmethod
    def subject(cls) -> str:
        """Where this is asked: `ask.<service>.<Question>`."""
        return f"ask.{cls.to}.{cls.__name__}"

    @classmethod
    def answer(cls) -> type[A]:
        """The class of the answer."""
        generics = (vars(base).get("__pydantic_generic_metadata__", {}).get("args") for base in cls.__mro__)
        return cast("type[A]", next(arguments for arguments in generics if arguments)[0])


_REGISTERED: list[type[Question[Any]]] = []


def registered_questions() -> tuple[type[Question[Any]], ...]:
    """Every question there is, in the order of their modules."""
    return tuple(_REGISTERED)


class Empty(Model):
    """The answer of a command without a result."""


class PageRequest(Model):
    """A page of a list: `cursor` is the `next_cursor` of the page before."""

    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = None
