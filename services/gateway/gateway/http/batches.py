"""Bodies with many items, each judged by itself: one that is malformed is refused with a reason, the others count."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from common.contract.edits import EditResult
from common.contract.errors import problem_of
from common.contract.model import Model
from common.service.errors import Problem, invalid
from common.service.ids import is_id
from gateway.domain.json_limits import limit_violation

T = TypeVar("T")
B = TypeVar("B", bound=Model)
MAX_AT_ONCE = 500
# A body up to this size is validated while it is parsed; a larger one may hold something that is costly to validate.
SMALL = 64 * 1024


async def json_body(request: Request) -> bytes:
    """The body of a request that says it is JSON. Raises Problem."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "Not JSON", "Send JSON, and say so: Content-Type: application/json.")
    return await request.body()


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """The items that are well formed, and what the others are answered, by their place."""

    items: list[T]
    refused: dict[int, EditResult]

    def in_order(self, answered: Iterable[Any]) -> list[Any]:
        """What the items were answered, and the refusals, in the order in which all came."""
        rest = iter(answered)
        places = range(len(self.items) + len(self.refused))
        return [self.refused[place] if place in self.refused else next(rest) for place in places]


def parse_small(whole: type[B], body: bytes) -> B | None:
    """A small body in which nothing is wrong; None for any other. The way that nearly all of them go."""
    if len(body) > SMALL:
        return None
    try:
        return whole.model_validate_json(body)
    except ValidationError:
        return None


def parsed(body: bytes) -> dict[str, Any]:
    """A body as a dictionary; also one with numbers that are none, which are for each item to answer for. Raises
    Problem."""
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise Problem(422, "Invalid request", "This is nested too deeply.") from error
    except ValueError as error:
        raise Problem(422, "Invalid request", f"This is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Problem(422, "Invalid request", "A JSON object is expected.")
    return found


def validate_each(found: dict[str, Any], name: str, adapter: TypeAdapter[T], id_field: str) -> Batch[T]:
    """The items of the list `name`, each by itself. Raises Problem where there is no such list."""
    given = found.get(name)
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_AT_ONCE:
        raise invalid(name, f"A list of 1 to {MAX_AT_ONCE} is expected.")
    items: list[T] = []
    refused: dict[int, EditResult] = {}
    for place, item in enumerate(given):
        reason = limit_violation(item)
        try:
            items += [] if reason else [adapter.validate_python(item)]
        except ValidationError as error:
            reason = _words(error)
        if reason:
            refused[place] = EditResult(id=_id_of(item, id_field), status="refused", reason=reason)
    return Batch(items, refused)


def _id_of(item: Any, field: str) -> str:
    found = item.get(field) if isinstance(item, dict) else None
    return found if isinstance(found, str) and is_id(found) else ""


def _words(error: ValidationError) -> str:
    wrong = problem_of(error).errors[:3]
    return "; ".join(f"{field.field}: {field.message}" if field.field else field.message for field in wrong)
