"""Dependency injection for request handlers and consumers."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fast_depends.library import CustomField


class Dependency(CustomField):
    """A dependency passed to `service()` under this name. FastStream's `Context` resolves parameters of messages
    in a thread, which took a third of the time of a small answer."""

    param_name: str

    def __init__(self, name: str) -> None:
        super().__init__(cast=False, required=True)
        self._name = name

    async def use(self, /, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """The parameters including this dependency."""
        kwargs[self.param_name] = kwargs["context__"].get(self._name)
        return kwargs


def handler_of(message: type[Any], use_case: Callable[[Any, Any], Awaitable[Any]], name: str) -> Callable[..., Any]:
    """A handler of `message` that calls a use case of the dependency `name`."""

    async def handle(message: Any, service: Any) -> Any:
        return await use_case(service, message)

    handle.__name__ = f"handle_{message.__name__}"
    handle.__annotations__ = {"message": message, "service": Annotated[Any, Dependency(name)]}
    return handle
