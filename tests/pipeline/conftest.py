"""One running product for all of these tests, a person who is signed in, and a project of theirs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.person import Person, signed_in
from tests.stack import Stack, running_stack


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The stack's own S3 server is also allowed as an external bucket."""
    async with AsyncExitStack() as stack_context:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("TRACKLANE_S3_TARGETS_ALLOWED", "127.0.0.1")
            stack = await stack_context.enter_async_context(running_stack(tmp_path_factory.mktemp("pipeline")))
        yield stack


@pytest.fixture(scope="module")
async def ada(stack: Stack) -> AsyncIterator[Person]:
    async with signed_in(stack) as person:
        yield person


@pytest.fixture(scope="module")
async def project(ada: Person) -> str:
    return await ada.project()
