"""Request bodies with many items, each validated by itself: a malformed item is refused with a reason, the others are
processed."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from common.contract.edits import EditResult
from common.contract.errors import CodedError, Problem, Reason, field_errors
from common.contract.model import Model
from common.service.ids import is_id
from gateway.domain.batches import Batch
from gateway.domain.json_limits import check_json
from gateway.http.validation import refuse_unknown_fields

T = TypeVar("T")
B = TypeVar("B", bound=Model)
MAX_ITEMS = 500
# A body up to this size is validated while it is parsed; a larger one may hold something that is costly to validate.
SMALL_BYTES = 64 * 1024


async def json_body(request: Request) -> bytes:
    """The body of a JSON request. Raises Problem."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem("json_required")
    return await request.body()


def parse_small(model: type[B], body: bytes) -> B | None:
    """A small, entirely valid body, which nearly all are; None for any other."""
    if len(body) > SMALL_BYTES:
        return None
    try:
        return model.model_validate_json(body, extra="forbid")
    except ValidationError:
        return None


def parse_object(body: bytes, fields: Iterable[str]) -> dict[str, Any]:
    """The body as a dictionary with no other than these fields. NaN and Infinity pass; each item reports its own.
    Raises Problem."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem.of_field("body", "json_invalid") from error
    if not isinstance(parsed, dict):
        raise Problem.of_field("body", "dict_type")
    refuse_unknown_fields(parsed, fields)
    return parsed


def validate_each(values: object, name: str, adapter: TypeAdapter[T], id_field: str) -> Batch[T]:
    """The items of the list `name`, each validated by itself. Raises Problem without such a list."""
    if not isinstance(values, list) or not 1 <= len(values) <= MAX_ITEMS:
        raise Problem.of_field(name, "batch_size", limit=MAX_ITEMS)
    items: list[T] = []
    refused: dict[int, EditResult] = {}
    for position, value in enumerate(values):
        try:
            check_json(value)
            items.append(adapter.validate_python(value, extra="forbid"))
        except CodedError as error:
            refused[position] = _refused(value, id_field, error.reason)
        except ValidationError as error:
            refused[position] = _refused(value, id_field, _first_reason(error))
    return Batch(items, refused)


def _refused(value: Any, id_field: str, reason: Reason) -> EditResult:
    return EditResult(id=_id_of(value, id_field), status="refused", reason=reason)


def _id_of(value: Any, field: str) -> str:
    item_id = value.get(field) if isinstance(value, dict) else None
    return item_id if isinstance(item_id, str) and is_id(item_id) else ""


def _first_reason(error: ValidationError) -> Reason:
    """The first error as the reason of the whole item, with the name of its field."""
    first = field_errors(error.errors(include_url=False))[0]
    reason: Reason = first.reason
    if not first.field:
        return reason
    params = reason.params | {"field": first.field}
    return Reason(code=reason.code, params=params, message=f"{first.field}: {reason.message}")
