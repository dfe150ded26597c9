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
from gateway.dependencies import Dependencies, dependencies_of
from gateway.domain.people import Member
from gateway.http.access import authenticate, member_of, refuse_cross_site
from gateway.http.problems import problem_of_any, problem_response
from gateway.live.connections import Connection, ReplayExpired, event_message, message

router = APIRouter(tags=["live"])
HEARTBEAT_INTERVAL_S = 20.0
RECHECK_INTERVAL_S = 60.0
SEND_TIMEOUT_S = 20.0
MAX_MESSAGE_LENGTH = 4096
# A person who scrubs through a clip moves often; others need not see each step.
PRESENCE_INTERVAL_S = 0.1
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


class ClientMessage(BaseModel):
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
    dependencies = dependencies_of(socket)
    try:
        member = await _admit(socket, project, dependencies)
        sequence = _sequence(dependencies)
    except Exception as error:  # noqa: BLE001 - a WebSocket has no other place for the table of problems
        await socket.send_denial_response(problem_response(problem_of_any(error)))
        return
    await socket.accept()
    tab = Connection(project, media)
    with dependencies.hub.registered(tab):
        sequence = _sequence(dependencies)
        tab.last = since if since is not None else sequence
        await _serve(LiveSocket(socket, tab, member, dependencies), sequence)


async def _admit(socket: WebSocket, project: str, dependencies: Dependencies) -> Member:
    if "authorization" not in socket.headers:
        refuse_cross_site(socket, dependencies)
    return await member_of(await authenticate(socket, dependencies), project, "read", dependencies)


def _sequence(dependencies: Dependencies) -> int:
    if dependencies.hub.sequence is None:
        raise Problem(503, "Service unavailable", "The live stream is not ready yet.")
    return dependencies.hub.sequence


async def _serve(tab: "LiveSocket", sequence: int) -> None:
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


class LiveSocket:
    """One tab's side of the connection; each of its works ends with a close code."""

    def __init__(self, socket: WebSocket, tab: Connection, member: Member, dependencies: Dependencies) -> None:
        self.socket = socket
        self._tab = tab
        self._member = member
        self._dependencies = dependencies
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
        missed = self._dependencies.hub.missed(self._tab.project_id, self._tab.last, sequence)
        try:
            async with contextlib.aclosing(missed):
                async for fact in missed:
                    self._tab.last = fact.sequence
                    if self._tab.is_interested_in(fact):
                        await self._send(event_message(fact))
        except ReplayExpired:
            await self._send(message("reset", sequence=sequence))
            self._tab.last = sequence

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self.socket.send_text(text)

    async def hear(self) -> int:
        """What the tab says."""
        while True:
            text = await self.socket.receive_text()
            if len(text) > MAX_MESSAGE_LENGTH:
                return TOO_LONG
            try:
                said = ClientMessage.model_validate_json(text)
            except ValidationError:
                self._tab.enqueue(message("refused", reason="This message was not understood."))
                continue
            await self._heed(said)

    async def _heed(self, said: ClientMessage) -> None:
        if "open" in said.model_fields_set:
            self._tab.media_id = said.open
            # Whoever reads the medium's objects after this has everything up to here, and hears the rest.
            self._tab.enqueue(message("opened", media=said.open, sequence=self._dependencies.hub.sequence))
        if said.presence is not None and time.monotonic() - self._told_at >= PRESENCE_INTERVAL_S:
            self._told_at = time.monotonic()
            await self._tell(said.presence.model_dump(exclude_none=True))

    async def _tell(self, presence: dict[str, object] | None) -> None:
        self._present = presence is not None
        user = self._member.user
        await self._dependencies.hub.publish_presence(self._tab, user.id, user.name, presence)

    async def leave(self) -> None:
        """Tell the others that this tab is gone."""
        if self._present:
            with contextlib.suppress(NatsError):
                await self._tell(None)

    async def beat(self) -> int:
        """A sign of life, with the sequence up to which everything was sent."""
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL_S)
            self._tab.enqueue(message("beat", sequence=self._dependencies.hub.sequence))

    async def look(self) -> int:
        """End the connection soon after its session or membership ended."""
        while True:
            await asyncio.sleep(RECHECK_INTERVAL_S)
            try:
                caller = await authenticate(self.socket, self._dependencies)
                await member_of(caller, self._tab.project_id, "read", self._dependencies)
            except Problem as problem:
                return SIGNED_OUT if problem.status == 401 else NOT_A_MEMBER

    async def overrun(self) -> int:
        """End a connection that cannot keep up; it comes back with `since`."""
        await self._tab.overrun.wait()
        return TOO_SLOW
