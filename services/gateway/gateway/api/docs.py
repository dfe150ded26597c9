"""The description of the API, and a page to read and try it that needs nothing from elsewhere."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.routing import APIRoute

from gateway.api.problems import MEDIA_TYPE, ProblemJson

_PAGES = Path(__file__).resolve().parent.parent / "pages"
_PROBLEM = {
    "description": "Refused; the reason is in the body.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemJson"}}},
}


def add_docs(app: FastAPI) -> None:
    """Describe the API at /api/openapi.json and /api/docs."""
    app.title, app.version = "Tracklane", "1"
    app.description = "Event-driven labeling of video and images by large teams."

    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return describe(app)

    @app.get("/api/docs", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(_PAGES / "docs.html", media_type="text/html", headers={"Cache-Control": "no-cache"})

    @app.get("/api/docs.js", include_in_schema=False)
    def script() -> FileResponse:
        return FileResponse(_PAGES / "docs.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; every operation can also answer with a problem."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    _name_operations(app)
    described = app.openapi()
    described["components"]["schemas"]["ProblemJson"] = ProblemJson.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    for fields in described["components"]["schemas"]["ProblemJson"].pop("$defs", {}).items():
        described["components"]["schemas"][fields[0]] = fields[1]
    for methods in described["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM
    return described


def _name_operations(app: FastAPI) -> None:
    for route in app.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
