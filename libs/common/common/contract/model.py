"""The one Pydantic base of everything that crosses a process border."""

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema


def _stop_at_first_error(schema: Any) -> None:
    """Report only the first bad item of a list: 9 MB of bad points gave six million errors and used 5 GB."""
    if isinstance(schema, dict):
        if schema.get("type") in ("list", "tuple"):
            schema["fail_fast"] = True
        for name, inner in schema.items():
            if name not in ("metadata", "serialization", "default"):
                _stop_at_first_error(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            _stop_at_first_error(inner)


class Model(BaseModel):
    """Immutable, and ignores fields that a newer publisher adds. Only the first invalid item of a list is reported."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _stop_at_first_error(handler.resolve_ref_schema(schema))
        return schema
