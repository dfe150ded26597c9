"""docs/formats.md says of each format what the code says, and what the tests of this run saw."""

import pytest

from tests.export import page
from tests.export.witness import WITNESS

AGAIN = "Write the table again with: make formats"


async def test_every_format_is_in_the_table_with_what_it_says_of_itself() -> None:
    expected = [row.told for row in await page.rows()]

    assert [row.told for row in page.committed().values()] == expected, AGAIN


async def test_the_table_names_those_who_read_archives_back() -> None:
    seen = {row.name: row.seen for row in await page.rows()}
    if not WITNESS.saw_all(page.witnesses()):
        pytest.skip("Not all tests passed that the table is made from.")

    assert {name: row.seen for name, row in page.committed().items()} == seen, AGAIN
