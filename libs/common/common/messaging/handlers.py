"""Request handlers: how a router subscribes to a question, and the middleware around each handler."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from faststream import BaseMiddleware
from faststream.nats import NatsResponse
from pydantic import ValidationError

from common.contract.errors import Problem, problem_of
from common.contract.questions import Question
from common.messaging.delivery import is_request
from common.service.ids import new_id
from common.service.metrics import REQUEST_SECONDS, REQUESTS

log = structlog.get_logger()

# NATS carries at most 8 MB a message; an answer over half a megabyte would hold up the others on the connection.
CARRIED_ABOVE = 512 * 1024
ASKED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class RawJson:
    """An answer that is serialized already, exactly as its class would be."""

    body: bytes


def request_handler(question: type[Question[Any]]) -> dict[str, Any]:
    """How a router subscribes to a question: one of the service's replicas gets it."""
    return {
        "subject": question.subject(),
        "queue": question.to,
        "max_workers": ASKED_AT_ONCE,
        "description": question.__doc__,
    }


class RequestMiddleware(BaseMiddleware[Any, Any]):
    """What happens to a question around its answer: a `Problem` travels as a status and a reason; an answer that is
    too large for a message is carried by S3."""

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        subject = msg.raw_message.subject
        if not is_request(msg):
            return await call_next(msg)
        if not msg.reply_to or msg.reply_to.startswith("$"):
            # A reply into the server's own subjects would be a command to the server, given with our rights.
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
            given = await call_next(msg)
        except Problem as problem:
            return _refusal(problem)
        except ValidationError as error:
            return _refusal(problem_of(error))
        except Exception as error:
            log.error("no answer", question=msg.raw_message.subject, error=repr(error), exc_info=error)
            return _refusal(Problem("internal_error"))
        body = given.body if isinstance(given, RawJson) else given.model_dump_json().encode()
        if len(body) <= CARRIED_ABOVE:
            return NatsResponse(body)
        key = f"answers/{new_id()}"
        bus = self.context.get("bus")
        await bus.objects.put(key, body, "application/json")
        return NatsResponse(b"", headers={"carried": key})


def _refusal(problem: Problem) -> NatsResponse:
    return NatsResponse(orjson.dumps(problem.to_json()), headers={"problem": problem.code})
