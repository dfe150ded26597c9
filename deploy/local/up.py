"""`make up`: everything on one machine, until Ctrl-C."""

import asyncio
import os
import signal
import sys

import httpx

from deploy.local.child import NotReady, end_with_parent
from deploy.local.demo.seed import Demo, DemoFailed
from deploy.local.mongod import ServerMissing
from deploy.local.output import LogFiles, Terminal
from deploy.local.ports import PortTaken
from deploy.local.stack import AlreadyRunning, Stack
from deploy.local.supervisor import CrashLoop, Supervisor

EXPECTED = (AlreadyRunning, CrashLoop, NotReady, PortTaken, ServerMissing)
QUIET = ("nats", "s3", "mongo")


def main() -> None:
    stack = Stack.of(os.environ)
    if "MAKELEVEL" in os.environ:  # the stack ends with a killed `make up`
        end_with_parent(signal.SIGTERM)
    try:
        with stack.locked():
            stack.refuse_taken_ports()
            asyncio.run(run(stack))
    except EXPECTED as error:
        sys.exit(str(error))


async def run(stack: Stack) -> None:
    """Start everything, and stop everything on Ctrl-C, SIGTERM, a closed terminal or a crash loop."""
    files = LogFiles(stack.home / "logs")
    terminal = Terminal(files, quiet=QUIET, verbose=bool(os.environ.get("VERBOSE")))
    supervisor = Supervisor(stack.levels(), terminal.write)
    running = asyncio.create_task(serve(stack, supervisor))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        say("Stopping; the data stays in", str(stack.home))
    except (CrashLoop, NotReady) as error:
        terminal.explain(error.name)
        say(f"The log files are in {files.folder}")
        raise
    finally:
        await supervisor.stop()
        files.close()


async def serve(stack: Stack, supervisor: Supervisor) -> None:
    """Run the stack; on its first start, fill the demo project."""
    await supervisor.start()
    say(f"Tracklane is ready at {stack.url}")
    await asyncio.gather(supervisor.wait(), show_demo(stack))


async def show_demo(stack: Stack) -> None:
    """Print how to sign in to the demo, which is created on the first start."""
    if os.environ.get("TRACKLANE_SMTP_URL"):
        say("There is no demo project: its account could not be verified, because mail leaves this machine.")
        return
    async with Demo(stack.url, stack.home, stack.servers.credentials.demo_password) as demo:
        try:
            await fill(demo)
        except (DemoFailed, TimeoutError, httpx.HTTPError) as error:
            say(f"The demo project is not complete; the next start tries again. {type(error).__name__}: {error}")


async def fill(demo: Demo) -> None:
    if demo.is_created:
        say(demo.welcome)
        return
    await demo.sign_in()
    say(demo.welcome)
    await demo.fill()


def say(*words: str) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    main()
