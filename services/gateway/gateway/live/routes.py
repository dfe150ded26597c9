"""The live stream: one WebSocket a tab, resumable by sequence.

To the client: `{type: hello, sequence}`, then events `{sequence, type, data}`, `{type: presence, data}`,
`{type: heartbeat, sequence}`, `{type: opened, media, sequence}`, and `{type: reset, sequence}` when missed events are
no longer kept and everything has to be loaded again. From the client: `{open: media_id | null}`, `{presence: {…}}`.
"""

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from common.contract.errors import Problem
from common.contract.labels import Id
from gateway.dependencies import Dependencies, dependencies_of
from gateway.domain.projects import Member
from gateway.http.access import authorize
from gateway.http.authentication import authenticate, refuse_cross_site
from gateway.http.problems import problem_of_any, problem_response
from gateway.http.validation import refuse_unknown_parameters
from gateway.live.connections import Connection
from gateway.live.session import LiveSession

router = APIRouter(tags=["live"])


@router.websocket("/live")
async def live(
    socket: WebSocket,
    project: str,
    since: Annotated[int | None, Query(ge=0)] = None,
    media: Annotated[Id | None, Query()] = None,
) -> None:
    """Follow a project until either side closes the connection."""
    dependencies = dependencies_of(socket)
    try:
        refuse_unknown_parameters(socket.query_params.keys(), ("project", "since", "media"))
        member = await _admit(socket, project, dependencies)
        _sequence(dependencies)
    except Exception as error:  # noqa: BLE001 - a WebSocket has no other place for the table of problems
        await socket.send_denial_response(problem_response(problem_of_any(error)))
        return
    await socket.accept()
    connection = Connection(project, media)

    async def check_access() -> None:
        await authorize(await authenticate(socket, dependencies), project, "read", dependencies)

    with dependencies.connections.registered(connection):
        sequence = _sequence(dependencies)
        connection.last_sequence = since if since is not None else sequence
        session = LiveSession(socket, connection, member.user, dependencies.connections, check_access)
        await session.run(sequence)


async def _admit(socket: WebSocket, project: str, dependencies: Dependencies) -> Member:
    if "authorization" not in socket.headers:
        refuse_cross_site(socket, dependencies)
    return await authorize(await authenticate(socket, dependencies), project, "read", dependencies)


def _sequence(dependencies: Dependencies) -> int:
    if dependencies.connections.sequence is None:
        raise Problem("live_stream_starting")
    return dependencies.connections.sequence
