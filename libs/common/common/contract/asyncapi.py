"""The AsyncAPI 3 document of all subjects, headers and messages, for tools and clients in other languages."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from common.contract.events import FACTS, JOBS, Event
from common.contract.questions import QUESTIONS, Question
from common.messaging.topology import CONSUMERS
from common.service.ids import ID

Schema = dict[str, Any]


def type_of(event: type[Event]) -> str:
    """The value of `ce-type`, for example `media.stored.v1`."""
    return f"{event.type}.v{event.version}"


def asyncapi() -> Schema:
    """All subjects, headers and messages as an AsyncAPI 3 document, from the side of the services."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tracklane",
            "version": version("tracklane-common"),
            "description": (
                "The facts, jobs and questions that services exchange over NATS. Facts and jobs are kept in"
                " JetStream streams for 30 days and delivered at least once; deduplicate by `ce-id`."
                " Ignore unknown fields and unknown values of enumerations."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {**_event_channels(), **_question_channels()},
        "operations": {**_publish_operations(), **_consume_operations(), **_answer_operations()},
        "components": {"messages": _messages(), "messageTraits": {"cloudevent": _cloudevent()}, "schemas": _models()},
    }


def _event_channels() -> Schema:
    return {
        type_of(event): {
            "address": f"{type_of(event)}.{{project_id}}",
            "title": event.__name__,
            "description": f"{_sentence(event)}\n\nStream: {event.stream}.",
            "parameters": {"project_id": {"description": f"Matches {ID}; * for all."}},
            "messages": {"event": _ref("messages", type_of(event))},
            "tags": [{"name": event.by}, {"name": "job" if event in JOBS else "fact"}],
        }
        for event in (*FACTS, *JOBS)
    }


def _question_channels() -> Schema:
    channels: Schema = {}
    for question in QUESTIONS:
        subject = question.subject()
        tags = [{"name": question.to}, {"name": "question"}]
        channels[subject] = {
            "address": subject,
            "title": question.__name__,
            "description": f"{_sentence(question)}\n\nAnswered within {question.timeout_s:g} s.",
            "messages": {"question": _ref("messages", subject)},
            "tags": tags,
        }
        channels[f"{subject}.answer"] = {
            "address": None,
            "title": f"Answer to {question.__name__}",
            "description": "The reply inbox of the request.",
            "messages": {"answer": _ref("messages", f"{subject}.answer")},
            "tags": tags,
        }
    return channels


def _publish_operations() -> Schema:
    return {
        f"{event.by} publishes {type_of(event)}": {
            "action": "send",
            "channel": _channel(type_of(event)),
            "summary": _sentence(event),
            "tags": [{"name": event.by}],
        }
        for event in (*FACTS, *JOBS)
    }


def _consume_operations() -> Schema:
    return {
        f"{consumer.by} consumes {type_of(consumer.event)}": {
            "action": "receive",
            "channel": _channel(type_of(consumer.event)),
            "summary": f"Durable consumer {consumer.durable} of stream {consumer.stream}.",
            "tags": [{"name": consumer.by}],
        }
        for consumer in CONSUMERS
    }


def _answer_operations() -> Schema:
    return {
        f"{question.to} answers {question.__name__}": {
            "action": "receive",
            "channel": _channel(question.subject()),
            "summary": _sentence(question),
            "tags": [{"name": question.to}],
            "reply": {
                "address": {"location": "$message.header#/reply"},
                "channel": _channel(f"{question.subject()}.answer"),
            },
        }
        for question in QUESTIONS
    }


def _messages() -> Schema:
    events = {
        type_of(event): _message(event) | {"traits": [_ref("messageTraits", "cloudevent")]} for event in (*FACTS, *JOBS)
    }
    questions = {question.subject(): _message(question) for question in QUESTIONS}
    answers = {
        f"{question.subject()}.answer": _message(question.answer()) | {"headers": _ANSWER_HEADERS}
        for question in QUESTIONS
    }
    return {**events, **questions, **answers}


_ANSWER_HEADERS: Schema = {
    "type": "object",
    "properties": {
        "problem": {"type": "string", "description": "The code of an error; the payload is then a problem."},
        "carried": {"type": "string", "description": "Set if the answer was too large: its object key in S3."},
    },
}


def _message(model: type[BaseModel]) -> Schema:
    return {
        "name": model.__name__,
        "title": model.__name__,
        "summary": _sentence(model),
        "payload": _ref("schemas", model.__name__),
    }


def _cloudevent() -> Schema:
    text = {"type": "string"}
    return {
        "headers": {
            "type": "object",
            "required": ["ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time"],
            "properties": {
                "ce-specversion": {"const": "1.0"},
                "ce-id": text | {"format": "uuid", "description": "The same for every publication of the same event."},
                "ce-type": text | {"description": "Type and version, for example media.stored.v1."},
                "ce-source": text | {"description": "The publishing service: /tracklane/<service>."},
                "ce-subject": text | {"description": "The id of the medium, run, export or project concerned."},
                "ce-time": text | {"format": "date-time"},
                "content-type": {"const": "application/json"},
                "Nats-Msg-Id": text | {"description": "The ce-id; JetStream drops duplicates within ten minutes."},
                "traceparent": text | {"description": "W3C trace context."},
            },
        }
    }


def _models() -> Schema:
    models: dict[str, type[BaseModel]] = {}
    for model in (*FACTS, *JOBS, *QUESTIONS, *(question.answer() for question in QUESTIONS)):
        models[model.__name__] = model
    _, schema = models_json_schema(
        [(model, "validation") for model in models.values()], ref_template="#/components/schemas/{model}"
    )
    definitions: Schema = schema["$defs"]
    return {name: _in_draft_7(definition) for name, definition in sorted(definitions.items())}


def _in_draft_7(schema: Any) -> Any:
    """The schema in AsyncAPI's dialect: discriminators are omitted: AsyncAPI has no mapping, and the constant of
    each branch is equivalent; the items of a tuple are a list of schemas."""
    if isinstance(schema, Mapping):
        return {
            "items" if key == "prefixItems" else key: _in_draft_7(value)
            for key, value in schema.items()
            if not (key == "discriminator" and "mapping" in value)
        }
    if isinstance(schema, list):
        return [_in_draft_7(item) for item in schema]
    return schema


def _ref(section: str, name: str) -> Schema:
    return {"$ref": f"#/components/{section}/{name}"}


def _channel(name: str) -> Schema:
    return {"$ref": f"#/channels/{name}"}


def _sentence(model: type[BaseModel] | type[Question[Any]]) -> str:
    return " ".join((model.__doc__ or "").split())
