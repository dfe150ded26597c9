"""A person who is signed in to the module's `stack`, and a project of theirs."""

from collections.abc import AsyncIterator

import pytest

from tests.person import Person, signed_in
from tests.stack import Stack


@pytest.fixture(scope="module")
async def ada(stack: Stack) -> AsyncIterator[Person]:
    async with signed_in(stack) as person:
        yield person


@pytest.fixture(scope="module")
async def project(ada: Person) -> str:
    return await ada.project()
