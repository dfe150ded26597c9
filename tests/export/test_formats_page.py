"""The matrix in docs/formats.md equals the declarations of the formats."""

from tests.export import formats_page


def test_the_matrix_is_up_to_date() -> None:
    assert formats_page.committed() == formats_page.table(), "Write it again with: make formats"
