"""One client of the live stream: sends events, receives messages, and ends with its access rights."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from nats.errors import Error as NatsError
from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from common.contract.errors import ErrorKind, Problem, message_for
from common.contract.labels import Frame, Id
from gateway.domain.accounts import User
from gateway.live.connections import (
    Connection,
    ConnectionManager,
    ReplayUnavailable,
    control_message,
    event_message,
)

HEARTBEAT_INTERVAL_S = 20.0
ACCESS_CHECK_INTERVAL_S = 60.0
SEND_TIMEOUT_S = 20.0
MAX_MESSAGE_LENGTH = 4096
# Scrubbing through a clip changes the position often; other members need not see each step.
PRESENCE_INTERVAL_S = 0.1
SIGNED_OUT, NOT_A_MEMBER, TOO_LONG, TOO_SLOW = 4401, 4404, 1009, 1013


class Presence(BaseModel):
    """The position of a user."""

    model_config = ConfigDict(extra="forbid")

    media: Id | None = None
    clip: int | None = None
    frame: Frame | None = None
    object: Id | None = None
    x: FiniteFloat | None = None
    y: FiniteFloat | None = None


class ClientMessage(BaseModel):
    """A message from the client."""

    model_config = ConfigDict(extra="forbid")

    open: Id | None = None
    presence: Presence | None = None


@dataclass
class LiveSession:
    """The tasks of one connection. Each returns the close code with which it ends the session."""

    socket: WebSocket
    connection: Connection
    user: User
    connections: ConnectionManager
    check_access: Callable[[], Awaitable[None]]
    _is_present: bool = field(default=False, init=False)
    _presence_published_at: float = field(default=0.0, init=False)

    async def run(self, sequence: int) -> None:
        """Run all tasks until one of them ends, then close the connection."""
        jobs: list[Coroutine[Any, Any, int]] = [
            self._send_messages(sequence),
            self._receive_messages(),
            self._send_heartbeats(),
            self._recheck_access(),
            self._wait_for_overflow(),
        ]
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._clear_presence()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.socket.close(_close_code(done.pop()))

    async def _send_messages(self, sequence: int) -> int:
        """Send missed events, then new ones, without gaps or duplicates."""
        await self._send(control_message("hello", sequence=self.connection.last_sequence))
        if self.connection.last_sequence != sequence:
            await self._replay(sequence)
        while True:
            await self._send(await self.connection.next())

    async def _replay(self, sequence: int) -> None:
        connection = self.connection
        missed = self.connections.replay(connection.project_id, connection.last_sequence, sequence)
        try:
            async with contextlib.aclosing(missed):
                async for event in missed:
                    connection.last_sequence = event.sequence
                    if connection.is_interested_in(event):
                        await self._send(event_message(event))
        except ReplayUnavailable:
            await self._send(control_message("reset", sequence=sequence))
            connection.last_sequence = sequence

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self.socket.send_text(text)

    async def _receive_messages(self) -> int:
        while True:
            text = await self.socket.receive_text()
            if len(text) > MAX_MESSAGE_LENGTH:
                return TOO_LONG
            try:
                message = ClientMessage.model_validate_json(text)
            except ValidationError:
                code = "invalid_request"
                self.connection.enqueue(control_message("refused", code=code, message=message_for(code, {})))
                continue
            await self._on_message(message)

    async def _on_message(self, message: ClientMessage) -> None:
        if "open" in message.model_fields_set:
            self.connection.media_id = message.open
            # Objects loaded after this include everything up to here; later events follow.
            self.connection.enqueue(control_message("opened", media=message.open, sequence=self.connections.sequence))
        if message.presence is not None and time.monotonic() - self._presence_published_at >= PRESENCE_INTERVAL_S:
            self._presence_published_at = time.monotonic()
            await self._publish_presence(message.presence.model_dump(exclude_none=True))

    async def _publish_presence(self, presence: dict[str, object] | None) -> None:
        self._is_present = presence is not None
        await self.connections.publish_presence(self.connection, self.user.id, self.user.name, presence)

    async def _clear_presence(self) -> None:
        if self._is_present:
            with contextlib.suppress(NatsError):
                await self._publish_presence(None)

    async def _send_heartbeats(self) -> int:
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL_S)
            self.connection.enqueue(control_message("heartbeat", sequence=self.connections.sequence))

    async def _recheck_access(self) -> int:
        while True:
            await asyncio.sleep(ACCESS_CHECK_INTERVAL_S)
            try:
                await self.check_access()
            except Problem as problem:
                return SIGNED_OUT if problem.kind is ErrorKind.UNAUTHENTICATED else NOT_A_MEMBER

    async def _wait_for_overflow(self) -> int:
        """End a connection that cannot keep up; the client reconnects with `since`."""
        await self.connection.overflowed.wait()
        return TOO_SLOW


def _close_code(task: "asyncio.Task[int]") -> int:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, WebSocketDisconnect):
        return 1000
    return TOO_SLOW if isinstance(error, TimeoutError) else 1011
