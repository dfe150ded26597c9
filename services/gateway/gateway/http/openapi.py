"""The OpenAPI document of the public API."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from gateway.http.problems import MEDIA_TYPE, ProblemJson

_SCHEMAS = "#/components/schemas/"
_PROBLEM = {
    "description": "An error; `code` names it.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemJson"}}},
}


def json_request_body(model: type[BaseModel]) -> dict[str, Any]:
    """The `openapi_extra` of a route that parses its JSON body itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _schema(model)}}}}


def ndjson_response(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that streams one JSON object a line."""
    return {200: {"content": {"application/x-ndjson": {"schema": _schema(model)}}}}


def binary_request_body(media_type: str = "application/octet-stream") -> dict[str, Any]:
    """The `openapi_extra` of a route that streams its body."""
    return {"requestBody": {"required": True, "content": {media_type: {}}}}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_SCHEMAS + "{model}")
    return {"$ref": _SCHEMAS + model.__name__, "$defs": schema.pop("$defs", {}) | {model.__name__: schema}}


def add_openapi(app: FastAPI) -> None:
    """Serve the OpenAPI document at /api/openapi.json."""
    app.title, app.version = "Tracklane", "1"
    app.description = "Event-driven labeling of video and images by large teams."

    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return openapi_document(app)


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; every operation may also respond with a problem."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    _name_operations(app)
    document = app.openapi()
    schemas = document["components"]["schemas"]
    for name, schema in _schema(ProblemJson)["$defs"].items():
        schemas.setdefault(name, schema)
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}, {}]
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM
            _move_definitions(operation, schemas)
    return document


def _move_definitions(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Move the schemas that a route declares itself to the components."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for content in part.get("content", {}).values():
            for name, schema in content.get("schema", {}).pop("$defs", {}).items():
                schemas.setdefault(name, schema)


def _name_operations(app: FastAPI) -> None:
    for route in app.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
