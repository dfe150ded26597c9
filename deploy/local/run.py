"""`python -m deploy.local.run SERVICE COMMAND …`: runs a command with the environment of a service.

If the local stack is not running, its servers run as long as the command.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

from deploy.local.child import NotReady
from deploy.local.mongod import ServerMissing
from deploy.local.output import LogFiles
from deploy.local.ports import PortTaken
from deploy.local.servers import Running
from deploy.local.stack import AlreadyRunning, Stack


def main() -> None:
    service, *command = sys.argv[1:]
    stack = Stack.of(os.environ)
    variables = {**os.environ, **stack.variables(service)}
    try:
        with stack.locked():
            sys.exit(asyncio.run(run_with_servers(stack, command, variables)))
    except AlreadyRunning:  # its servers run
        os.execvpe(command[0], command, variables)  # noqa: S606 - the caller's own command
    except (NotReady, PortTaken, ServerMissing) as error:
        sys.exit(str(error))


async def run_with_servers(stack: Stack, command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the command with embedded servers; returns its exit code."""
    logs = LogFiles(stack.home / "logs")
    servers = [Running(server, logs.write) for server in stack.servers.embedded]
    try:
        await asyncio.gather(*(server.start() for server in servers))
        process = await asyncio.create_subprocess_exec(*command, env=variables)
        return await process.wait()
    finally:
        await asyncio.gather(*(server.stop() for server in servers))
        logs.close()


if __name__ == "__main__":
    main()
