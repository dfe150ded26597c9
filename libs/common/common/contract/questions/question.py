"""The bases of all questions."""

from typing import Any, ClassVar, Generic, TypedDict, TypeVar, Unpack, cast

from pydantic import Field

from common.contract.labels import Id
from common.contract.model import Model

A = TypeVar("A", bound=Model)


class QuestionDeclaration(TypedDict, total=False):
    """The keywords of a question's class: the service that answers, and the time it has for that."""

    to: str
    timeout_s: float


class Question(Model, Generic[A]):
    """A request to one service; `A` is the answer. Every subclass that names its service is registered:

    class GetRun(Question[Run], to="inference"): …
    """

    to: ClassVar[str]
    timeout_s: ClassVar[float] = 10.0

    def __init_subclass__(cls, **declaration: Unpack[QuestionDeclaration]) -> None:
        super().__init_subclass__()
        for name, value in declaration.items():
            setattr(cls, name, value)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "to" in vars(cls):
            _REGISTERED.append(cls)

    @classmethod
    def subject(cls) -> str:
        """The subject of the request: `ask.<service>.<Question>`."""
        return f"ask.{cls.to}.{cls.__name__}"

    @classmethod
    def answer(cls) -> type[A]:
        """The class of the answer."""
        generics = (vars(base).get("__pydantic_generic_metadata__", {}).get("args") for base in cls.__mro__)
        return cast("type[A]", next(arguments for arguments in generics if arguments)[0])


_REGISTERED: list[type[Question[Any]]] = []


def registered_questions() -> tuple[type[Question[Any]], ...]:
    """All questions, in the order of their modules."""
    return tuple(_REGISTERED)


class Empty(Model):
    """The answer of a command without a result."""


class PageRequest(Model):
    """A page of a list. `cursor` is the `next_cursor` of the previous page."""

    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = None


class Page(Model):
    """A page of a list. `next_cursor` is null on the last page."""

    next_cursor: str | None = None


class ProjectPageQuestion(Question[A]):
    """A question about a project whose answer comes in pages."""

    project_id: Id
    page: PageRequest = PageRequest()


class MediumQuestion(Question[A]):
    """A question about one medium of a project."""

    project_id: Id
    media_id: Id
