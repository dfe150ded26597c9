"""The OpenAPI document of the public API."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from gateway.http.problems import MEDIA_TYPE, ProblemJson

_SCHEMAS = "#/components/schemas/"
_PROBLEM = {
    "description": "Refused; the reason is in the body.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemJson"}}},
}


def json_request_body(model: type[BaseModel]) -> dict[str, Any]:
    """What a route that reads its body itself says of it, as `openapi_extra`."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _schema(model)}}}}


def ndjson_response(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """What a route that streams a JSON object a line says of them, as `responses`."""
    return {200: {"content": {"application/x-ndjson": {"schema": _schema(model)}}}}


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
    """The OpenAPI document; every operation can also answer with a problem."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    _name_operations(app)
    described = app.openapi()
    schemas = described["components"]["schemas"]
    for name, schema in _schema(ProblemJson)["$defs"].items():
        schemas.setdefault(name, schema)
    described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{"token": []}, {}]
    for methods in described["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM
            _gather(operation, schemas)
    return described


def _gather(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Put the classes that a route described by itself where the others are."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for content in part.get("content", {}).values():
            for name, schema in content.get("schema", {}).pop("$defs", {}).items():
                schemas.setdefault(name, schema)


def _name_operations(app: FastAPI) -> None:
    for route in app.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
