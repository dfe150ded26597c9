"""Services that are not there, answering as a test says: what was asked is kept."""

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


class Answering:
    """Answers questions on the bus; `asked` has them in the order they came."""

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
            said = self._answers[question.__name__]
            given = said(asked) if callable(said) else said
            if isinstance(given, Problem):
                body = orjson.dumps(given.to_json())
                await self._client.publish(message.reply, body, headers={"problem": given.code})
            else:
                await message.respond(given.model_dump_json().encode())

        await self._client.subscribe(question.subject(), cb=reply)
        await self._client.flush()

    def last(self, question: type[Question[Any]]) -> Any:
        """The last question of this kind."""
        return [asked for asked in self.asked if isinstance(asked, question)][-1]

    def count(self, question: type[Question[Any]]) -> int:
        """How often this was asked."""
        return sum(isinstance(asked, question) for asked in self.asked)


@asynccontextmanager
async def answering(nats_url: str) -> AsyncIterator[Answering]:
    """A stand-in for the services, while this lasts."""
    client = await nats.connect(nats_url)
    try:
        yield Answering(client)
    finally:
        await client.close()


async def answer_media(services: "Answering", project_id: str, *known: str) -> None:
    """Let the project have these media, and no others."""
    media = [medium_of(project_id)(GetMedium(media_id=media_id)) for media_id in known]

    def listed(asked: ListMedia) -> MediaList:
        return MediaList.model_validate({"items": [medium for medium in media if medium.id in (asked.media or [])]})

    await services.answer(ListMedia, listed)


def medium_of(project_id: str) -> Callable[[GetMedium], Medium]:
    """The answer that a medium is this project's."""

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
                "author": "someone",
            }
        )

    return medium
