"""Runs one command with what a service of the local stack is told by its environment.

python -m deploy.local.run gateway python -m gateway.superuser …
"""

import os
import sys

from deploy.local.stack import Stack


def main() -> None:
    service, *command = sys.argv[1:]
    variables = Stack.of(os.environ).variables(service)
    os.execvpe(command[0], command, {**os.environ, **variables})  # noqa: S606 - the caller's own words


if __name__ == "__main__":
    main()
