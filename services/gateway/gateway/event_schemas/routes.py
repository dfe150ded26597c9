"""The contracts of events, as JSON Schema."""

from typing import Any

from fastapi import APIRouter

from common.contract.errors import Problem
from common.contract.events import FACTS
from gateway.http.responses import Page

router = APIRouter(tags=["schemas"])
_BY_TYPE = {f"{event.type}.v{event.version}": event for event in FACTS}


@router.get("/schemas")
async def list_schemas() -> Page[str]:
    """List the types of events."""
    return Page(items=sorted(_BY_TYPE))


@router.get("/schemas/{event_type}")
async def read_schema(event_type: str) -> dict[str, Any]:
    """Get the JSON Schema of an event's body by its type, such as `annotation.changed.v1`."""
    event = _BY_TYPE.get(event_type) or next((event for event in FACTS if event.type == event_type), None)
    if event is None:
        raise Problem("event_type_not_found")
    return event.model_json_schema() | {"$id": f"{event.type}.v{event.version}", "title": event.__name__}
