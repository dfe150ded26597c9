"""Stub services that answer questions as a test defines, and record them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import nats
import orjson

from common.contract.errors import Problem
from common.contract.media import Medium
from common.contract.model import Model
from common.contract.questions import GetMedium, ListMedia, MediaList, Question

Json = dict[str, Any]
Answer = Model | Problem | Callable[[Any], Model]


class StubServices:
    """Answers questions on the bus; `asked` has them in the order of arrival."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._answers: dict[str, Answer] = {}
        self.asked: list[Question[Any]] = []

    async def answer(self, question: type[Question[Any]], answer: Answer) -> None:
        """Answer a question from now on."""
        known = question.__name__ in self._answers
        self._answers[question.__name__] = answer
        if known:
            return

        async def reply(message: Any) -> None:
            asked = question.model_validate_json(message.data)
            self.asked.append(asked)
            defined = self._answers[question.__name__]
            response = defined(asked) if callable(defined) else defined
            if isinstance(response, Problem):
                body = orjson.dumps(response.to_json())
                await self._client.publish(message.reply, body, headers={"problem": response.code})
            else:
                await message.respond(response.model_dump_json().encode())

        await self._client.subscribe(question.subject(), cb=reply)
        await self._client.flush()

    def last(self, question: type[Question[Any]]) -> Any:
        """The last question of this kind."""
        return [asked for asked in self.asked if isinstance(asked, question)][-1]

    def count(self, question: type[Question[Any]]) -> int:
        """The number of questions of this kind."""
        return sum(isinstance(asked, question) for asked in self.asked)


@asynccontextmanager
async def stub_services(nats_url: str) -> AsyncIterator[StubServices]:
    """Stub services inside this context."""
    client = await nats.connect(nats_url)
    try:
        yield StubServices(client)
    finally:
        await client.close()


async def answer_media(services: "StubServices", project_id: str, *known: str) -> None:
    """Let the project have these media, and no others."""
    media = [medium_of(project_id)(GetMedium(media_id=media_id)) for media_id in known]

    def listed(asked: ListMedia) -> MediaList:
        return MediaList.model_validate({"items": [medium for medium in media if medium.id in (asked.media or [])]})

    await services.answer(ListMedia, listed)


def medium_of(project_id: str) -> Callable[[GetMedium], Medium]:
    """The answer that every medium belongs to this project."""

    def medium(asked: GetMedium) -> Medium:
        return Medium.model_validate(
            {
                "id": asked.media_id,
                "project_id": project_id,
                "name": "a.mp4",
                "kind": "video",
                "state": "ready",
                "conditions": {"weather": "Sunny", "lighting": "Day", "fov": "Unknown"},
                "content_type": "video/mp4",
                "size_bytes": 1,
                "frame_count": 250,
                "created_at": 0.0,
                "author": "u1",
            }
        )

    return medium
