"""The generated contracts are committed, complete, and match the published events."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from common.contract.asyncapi import asyncapi, type_of
from common.contract.events import FACTS, JOBS, ClipReady, Event
from common.contract.questions import QUESTIONS
from common.contract.schemas import committed, difference, files, json_schemas, main, write
from common.messaging.topology import CONSUMERS

EVENTS = [*FACTS, *JOBS]


def test_the_committed_files_match_the_code() -> None:
    changed = difference(committed(), files())

    assert not changed, f"{changed[:3000]}\nRun `make schemas`."


def test_writing_removes_stale_files(tmp_path: Path) -> None:
    (tmp_path / "gone.v1.json").write_text("{}")

    write(tmp_path)

    assert difference(committed(tmp_path), files()) == ""


def test_a_difference_is_a_unified_diff() -> None:
    shown = difference({"a.json": "old\n"}, {"a.json": "new\n", "b.json": "more\n"})

    assert {"-old", "+new", "+more"} <= set(shown.splitlines())


def test_the_check_prints_differences_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("common.contract.schemas.committed", dict)

    assert main(["--check"]) == 1
    assert "media.stored.v1.json" in capsys.readouterr().out


def test_every_contract_has_a_schema() -> None:
    names = json_schemas().keys()

    assert {type_of(event) for event in EVENTS} <= names
    assert {question.subject() for question in QUESTIONS} <= names
    assert {f"{question.subject()}.answer" for question in QUESTIONS} <= names


@pytest.mark.parametrize("schema", json_schemas().values(), ids=json_schemas().keys())
def test_a_schema_is_valid_json_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_an_event_matches_its_schema() -> None:
    event = ClipReady(
        project_id="acme",
        media_id="m1",
        clip=0,
        first=0,
        last=1799,
        rendition="copy",
        index_key="acme/media/m1/clips/0.copy.json",
        width=1920,
        height=1080,
        fps=29.97,
    )

    jsonschema.validate(json.loads(event.model_dump_json()), json_schemas()["clip.ready.v1"])


def test_the_asyncapi_document_has_every_subject() -> None:
    channels = asyncapi()["channels"]

    assert {channel["address"] for channel in channels.values()} - {None} == {
        *(event.pattern().replace("*", "{project_id}") for event in EVENTS),
        *(question.subject() for question in QUESTIONS),
    }


def test_the_asyncapi_document_names_publishers_and_consumers() -> None:
    operations = asyncapi()["operations"]

    for event in EVENTS:
        assert operations[f"{event.by} publishes {type_of(event)}"]["action"] == "send"
    for consumer in CONSUMERS:
        assert operations[f"{consumer.by} consumes {type_of(consumer.event)}"]["action"] == "receive"


def test_every_reference_of_the_asyncapi_document_resolves() -> None:
    document = asyncapi()

    for reference in references(document):
        node: Any = document
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]


def test_the_asyncapi_schemas_are_valid_draft_7() -> None:
    # AsyncAPI uses JSON Schema draft 7, which writes tuples, references and unions differently.
    for name, schema in asyncapi()["components"]["schemas"].items():
        assert not {"prefixItems", "$defs", "discriminator"} & set(keys(schema)), name
        jsonschema.Draft7Validator.check_schema(schema)


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def keys(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [*node, *(found for value in node.values() for found in keys(value))]
    return [found for value in node for found in keys(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("event", EVENTS, ids=type_of)
def test_every_event_is_documented_by_sentences(event: type[Event]) -> None:
    assert (event.__doc__ or "").strip().endswith(".")
