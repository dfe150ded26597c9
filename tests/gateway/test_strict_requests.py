"""Every route of the OpenAPI document refuses fields and query parameters that it does not declare."""

import re
from typing import Any

import httpx
import pytest

from common.contract.questions import FindObject
from gateway.app import create
from gateway.http.openapi import openapi_document
from tests.gateway.conftest import Person
from tests.gateway.stub_services import Json, StubServices

pytestmark = pytest.mark.servers
DOCUMENT = openapi_document(create())
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
UNKNOWN = "no_such_field"


def request_body(method: str, path: str, media_type: str) -> Json | None:
    content = DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {})
    schema: Json | None = content.get(media_type, {}).get("schema")
    return schema


WITH_JSON = [operation for operation in OPERATIONS if request_body(*operation, "application/json")]
# In these lists, each item has a separate result.
BATCHES = {"/api/v1/media/{medium}/edits", "/api/v1/media/{medium}/suggestions/decisions"}


def example(schema: Json, *, unknown: bool) -> Any:
    """A value of the schema's types with all its nested objects, each with an unknown field if `unknown`."""
    if "$ref" in schema:
        return example(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], unknown=unknown)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return example(choices[0], unknown=unknown)
    if schema.get("type") == "object":
        value = {name: example(part, unknown=unknown) for name, part in schema.get("properties", {}).items()}
        return value | ({UNKNOWN: 1} if unknown and value else {})
    if schema.get("type") == "array":
        return [example(schema.get("items", {}), unknown=unknown)] * max(1, schema.get("minItems", 1))
    return scalar(schema)


def scalar(schema: Json) -> Any:
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "string":
        return "a@example.org" if schema.get("format") == "email" else "x" * max(1, schema.get("minLength", 1))
    return False if schema.get("type") == "boolean" else max(1, schema.get("minimum", 1))


def has_nested_objects(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any((isinstance(part, dict) and part) or has_nested_objects(part) for part in parts)


def fields(response: httpx.Response, code: str) -> set[str]:
    assert response.status_code == 422, response.text
    return {error["field"] for error in response.json()["errors"] if error["code"] == code}


@pytest.fixture
async def address(services: StubServices, project: str, medium: str) -> dict[str, str]:
    """The parameters of paths: a project with a medium and an object."""
    owner = FindObject.answer().model_validate(
        {"object_id": "1", "project_id": project, "media_id": medium, "revision": 1}
    )
    await services.answer(FindObject, owner)
    return {"project": project, "medium": medium}


def url(path: str, address: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: address.get(name[1], "1"), path).removeprefix("/api/v1")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_an_unknown_query_parameter_is_refused(ada: Person, method: str, path: str) -> None:
    response = await ada.http.request(method, url(path, {}), params={"no_such_parameter": "1"})

    assert fields(response, "unknown_parameter") == {"no_such_parameter"}


@pytest.mark.parametrize(("method", "path"), WITH_JSON)
async def test_an_unknown_field_of_a_body_is_refused(
    ada: Person, address: dict[str, str], method: str, path: str
) -> None:
    body = example(request_body(method, path, "application/json") or {}, unknown=False) | {UNKNOWN: 1}

    response = await ada.http.request(method, url(path, address), json=body)

    assert UNKNOWN in fields(response, "extra_forbidden")


@pytest.mark.parametrize(("method", "path"), [operation for operation in WITH_JSON if operation[1] not in BATCHES])
async def test_an_unknown_field_of_a_nested_object_is_refused(
    ada: Person, address: dict[str, str], method: str, path: str
) -> None:
    body = example(request_body(method, path, "application/json") or {}, unknown=True)
    body.pop(UNKNOWN, None)
    if not has_nested_objects(body) or "/operations" in path:
        return

    response = await ada.http.request(method, url(path, address), json=body)

    assert any(field.endswith(f".{UNKNOWN}") for field in fields(response, "extra_forbidden"))


async def test_an_unknown_field_of_an_edit_refuses_this_edit(ada: Person, address: dict[str, str]) -> None:
    edit = {"id": "e1", "object": "o1", "base_revision": 1, "verb": "delete", UNKNOWN: 1}

    response = await ada.http.post(f"/media/{address['medium']}/edits", json={"edits": [edit]})

    (result,) = response.json()["results"]
    assert (result["status"], result["reason"]["code"]) == ("refused", "extra_forbidden")
    assert result["reason"]["params"]["field"].endswith(UNKNOWN)


async def test_an_unknown_field_of_a_form_is_refused(ada: Person, project: str) -> None:
    form = {"kind": "image", "weather": "Sunny", "lighting": "Day", "fov": "Unknown", UNKNOWN: "1"}

    response = await ada.http.post(f"/projects/{project}/media", data=form, files={"file": ("a.jpg", b"x")})

    assert fields(response, "extra_forbidden") == {UNKNOWN}


def test_the_document_lists_every_code() -> None:
    codes = DOCUMENT["components"]["schemas"]["ProblemJson"]["properties"]["code"]["enum"]

    assert {"extra_forbidden", "unknown_parameter", "role_not_allowed"} <= set(codes)
