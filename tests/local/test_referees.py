"""The referees' environment is made once, and says what to do where it cannot be made."""

import re

import pytest

from deploy.local import referees


def test_an_environment_with_these_pins_is_not_made_again() -> None:
    python = referees.ensure()
    made_at = referees.STAMP.stat().st_mtime_ns

    assert referees.ensure() == python
    assert python.exists()
    assert referees.STAMP.stat().st_mtime_ns == made_at


def test_a_failure_names_the_command_that_makes_it() -> None:
    with pytest.raises(referees.Missing, match=re.escape(referees.MAKE)):
        referees.uv("no-such-command")
