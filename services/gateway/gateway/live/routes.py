"""The live stream: one WebSocket a tab, resumable by sequence.

To the browser: `{type: hello, sequence}`, then facts `{sequence, type, data}`, `{type: presence, data}`,
`{type: beat, sequence}`, `{type: opened, media, sequence}`, and `{type: reset, sequence}` where what was missed is
gone and everything has to be read afresh. From the browser: `{open: media_id | null}`, `{presence: {…}}`.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from nats.errors import Error as NatsError
from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from common.contract.labels import Frame, Id
from common.service.errors import Problem
from gateway.dependencies import Parts, parts_of
from gateway.domain.people import Member
from gateway.http.access import member_of, refuse_elsewhere, signed_in
from gateway.http.problems import problem_of_any, problem_response
from gateway.live.connections import Tab, TooOld, fact_message, message

router = APIRouter(tags=["live"])
BEAT_S = 20.0
LOOK_AGAIN_S = 60.0
SENT_WITHIN_S = 20.0
LONGEST_MESSAGE = 4096
# A person who scrubs through a clip moves often; others need not see each step.
PRESENCE_EVERY_S = 0.1
SIGNED_OUT, NOT_A_MEMBER, TOO_LONG, TOO_SLOW = 4401, 4404, 1009, 1013


class Presence(BaseModel):
    """Where somebody is."""

    model_config = ConfigDict(extra="ignore")

    media: Id | None = None
    clip: int | None = None
    frame: Frame | None = None
    object: Id | None = None
    x: FiniteFloat | None = None
    y: FiniteFloat | None = None


class FromTab(BaseModel):
    """What a tab may say."""

    model_config = ConfigDict(extra="ignore")

    open: Id | None = None
    presence: Presence | None = None


@router.websocket("/live")
async def live(
    socket: WebSocket,
    project: str,
    since: Annotated[int | None, Query(ge=0)] = None,
    media: Annotated[Id | None, Query()] = None,
) -> None:
    """Follow a project until either side ends it."""
    parts = parts_of(socket)
    try:
        member = await _admit(socket, project, parts)
        sequence = _sequence(parts)
    except Exception as error:  # noqa: BLE001 - a WebSocket has no other place for the table of problems
        await socket.send_denial_response(problem_response(problem_of_any(error)))
        return
    await socket.accept()
    tab = Tab(project, media)
    with parts.hub.joined(tab):
        sequence = _sequence(parts)
        tab.last = since if since is not None else sequence
        await _serve(LiveTab(socket, tab, member, parts), sequence)


async def _admit(socket: WebSocket, project: str, parts: Parts) -> Member:
    if "authorization" not in socket.headers:
        refuse_elsewhere(socket, parts)
    return await member_of(await signed_in(socket, parts), project, "read", parts)


def _sequence(parts: Parts) -> int:
    if parts.hub.sequence is None:
        raise Problem(503, "Service unavailable", "The live stream is not ready yet.")
    return parts.hub.sequence


async def _serve(tab: "LiveTab", sequence: int) -> None:
    """Send, hear, beat and look until one of them ends."""
    works: list[Coroutine[Any, Any, int]] = [tab.send(sequence), tab.hear(), tab.beat(), tab.look(), tab.overrun()]
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await tab.leave()
    code = _close_code(done.pop())
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await tab.socket.close(code)


def _close_code(task: "asyncio.Task[int]") -> int:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, WebSocketDisconnect):
        return 1000
    return TOO_SLOW if isinstance(error, TimeoutError) else 1011


class LiveTab:
    """One tab's side of the connection; each of its works ends with a close code."""

    def __init__(self, socket: WebSocket, tab: Tab, member: Member, parts: Parts) -> None:
        self.socket = socket
        self._tab = tab
        self._member = member
        self._parts = parts
        self._present = False
        self._told_at = 0.0

    async def send(self, sequence: int) -> int:
        """What was missed, then what comes; nothing in between is left out or sent twice."""
        await self._send(message("hello", sequence=self._tab.last))
        if self._tab.last != sequence:
            await self._catch_up(sequence)
        while True:
            await self._send(await self._tab.next())

    async def _catch_up(self, sequence: int) -> None:
        missed = self._parts.hub.missed(self._tab.project_id, self._tab.last, sequence)
        try:
            async with contextlib.aclosing(missed):
                async for fact in missed:
                    self._tab.last = fact.sequence
                    if self._tab.wants(fact):
                        await self._send(fact_message(fact))
        except TooOld:
            await self._send(message("reset", sequence=sequence))
            self._tab.last = sequence

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SENT_WITHIN_S):
            await self.socket.send_text(text)

    async def hear(self) -> int:
        """What the tab says."""
        while True:
            text = await self.socket.receive_text()
            if len(text) > LONGEST_MESSAGE:
                return TOO_LONG
            try:
                said = FromTab.model_validate_json(text)
            except ValidationError:
                self._tab.offer(message("refused", reason="This message was not understood."))
                continue
            await self._heed(said)

    async def _heed(self, said: FromTab) -> None:
        if "open" in said.model_fields_set:
            self._tab.media_id = said.open
            # Whoever reads the medium's objects after this has everything up to here, and hears the rest.
            self._tab.offer(message("opened", media=said.open, sequence=self._parts.hub.sequence))
        if said.presence is not None and time.monotonic() - self._told_at >= PRESENCE_EVERY_S:
            self._told_at = time.monotonic()
            await self._tell(said.presence.model_dump(exclude_none=True))

    async def _tell(self, presence: dict[str, object] | None) -> None:
        self._present = presence is not None
        user = self._member.user
        await self._parts.hub.tell_presence(self._tab, user.id, user.name, presence)

    async def leave(self) -> None:
        """Tell the others that this tab is gone."""
        if self._present:
            with contextlib.suppress(NatsError):
                await self._tell(None)

    async def beat(self) -> int:
        """A sign of life, with the sequence up to which everything was sent."""
        while True:
            await asyncio.sleep(BEAT_S)
            self._tab.offer(message("beat", sequence=self._parts.hub.sequence))

    async def look(self) -> int:
        """End the connection soon after its session or membership ended."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            try:
                caller = await signed_in(self.socket, self._parts)
                await member_of(caller, self._tab.project_id, "read", self._parts)
            except Problem as problem:
                return SIGNED_OUT if problem.status == 401 else NOT_A_MEMBER

    async def overrun(self) -> int:
        """End a connection that cannot keep up; it comes back with `since`."""
        await self._tab.overrun.wait()
        return TOO_SLOW
