"""Request handlers: subscriptions of routers to questions, and the middleware of their handlers."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
import structlog
from faststream import BaseMiddleware
from faststream.nats import NatsResponse, NatsRouter
from pydantic import ValidationError

from common.contract.errors import Problem, problem_of
from common.contract.questions import Question
from common.messaging.delivery import is_request
from common.messaging.dependencies import handler_of
from common.service.ids import new_id
from common.service.metrics import REQUEST_SECONDS, REQUESTS

log = structlog.get_logger()

S = TypeVar("S")
Q = TypeVar("Q", bound=Question[Any])

# NATS allows 8 MB per message, but an answer over 512 KB would block others on the connection.
CARRIED_ABOVE = 512 * 1024
CONCURRENT_REQUESTS = 64


@dataclass(frozen=True, slots=True)
class RawJson:
    """An answer that is already serialized in the format of its class."""

    body: bytes


def request_handler(question: type[Question[Any]]) -> dict[str, Any]:
    """Subscribe a router to a question. Each request is handled by one replica of the service."""
    return {
        "subject": question.subject(),
        "queue": question.to,
        "max_workers": CONCURRENT_REQUESTS,
        "description": question.__doc__,
    }


class RequestRouter(NatsRouter, Generic[S]):
    """Answers questions with the use cases of a service.

    router = RequestRouter[ExportService]("export_service")
    router.answer(StartExport, ExportService.start)
    router.answer(GetExport, lambda exports, question: exports.get(question.export_id))
    """

    def __init__(self, name: str) -> None:
        """`name` is the keyword under which the service is passed to `service()`."""
        super().__init__()
        self._service = name

    def answer(self, question: type[Q], use_case: Callable[[S, Q], Awaitable[Any]]) -> None:
        """Answer a question."""
        self.subscriber(**request_handler(question))(handler_of(question, use_case, self._service))


class RequestMiddleware(BaseMiddleware[Any, Any]):
    """Sends the answers of request handlers. A `Problem` is sent as an error with its code; an answer that is too large
    for a message is stored in S3."""

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        subject = msg.raw_message.subject
        if not is_request(msg):
            return await call_next(msg)
        if not msg.reply_to or msg.reply_to.startswith("$"):
            # A reply to one of the server's subjects would be a command to the server with this service's rights.
            log.warning("request refused: no inbox to reply to", question=subject, reply=msg.reply_to[:100])
            msg.reply_to = ""
            return None
        question = subject.rsplit(".", 1)[-1]
        started = time.monotonic()
        response = await self._answer(call_next, msg)
        REQUESTS.labels(question, response.headers.get("problem", "ok")).inc()
        REQUEST_SECONDS.labels(question).observe(time.monotonic() - started)
        return response

    async def _answer(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> NatsResponse:
        try:
            answer = await call_next(msg)
        except Problem as problem:
            return _refusal(problem)
        except ValidationError as error:
            return _refusal(problem_of(error))
        except Exception as error:
            log.error("request failed", question=msg.raw_message.subject, error=repr(error), exc_info=error)
            return _refusal(Problem("internal_error"))
        body = answer.body if isinstance(answer, RawJson) else answer.model_dump_json().encode()
        if len(body) <= CARRIED_ABOVE:
            return NatsResponse(body)
        key = f"answers/{new_id()}"
        bus = self.context.get("bus")
        await bus.objects.put(key, body, "application/json")
        return NatsResponse(b"", headers={"carried": key})


def _refusal(problem: Problem) -> NatsResponse:
    return NatsResponse(orjson.dumps(problem.to_json()), headers={"problem": problem.code})
