"""How answers and handlers get what their service was made of."""

from typing import Any

from fast_depends.library import CustomField


class Dependency(CustomField):
    """What the service was given under this name. What FastStream's own `Context` does is done in a thread, for each
    parameter and message: for a small answer that was a third of the time."""

    param_name: str

    def __init__(self, name: str) -> None:
        super().__init__(cast=False, required=True)
        self._name = name

    async def use(self, /, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """The parameters with this one."""
        kwargs[self.param_name] = kwargs["context__"].get(self._name)
        return kwargs
