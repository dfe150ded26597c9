"""The contracts of the events, as JSON Schema."""

from typing import Any

from fastapi import APIRouter

from common.contract.events import FACTS, Event
from common.service.errors import not_found
from gateway.http.responses import Page

router = APIRouter(tags=["schemas"])
_BY_TYPE = {f"{fact.type}.v{fact.version}": fact for fact in FACTS}


@router.get("/schemas")
async def list_schemas() -> Page[str]:
    """The types of events that there are."""
    return Page(items=sorted(_BY_TYPE))


@router.get("/schemas/{event_type}")
async def read_schema(event_type: str) -> dict[str, Any]:
    """The JSON Schema of an event's body, by its type, such as `annotation.changed.v1`."""
    fact = _BY_TYPE.get(event_type) or next((fact for fact in FACTS if fact.type == event_type), None)
    if fact is None:
        raise not_found("event type")
    return _schema(fact)


def _schema(fact: type[Event]) -> dict[str, Any]:
    return fact.model_json_schema() | {"$id": f"{fact.type}.v{fact.version}", "title": fact.__name__}
