"""The validators' environment is made once, and says what to do where it cannot be made."""

import re

import pytest

from deploy.local import validators


def test_an_environment_with_the_same_pins_is_reused() -> None:
    python = validators.ensure()
    made_at = validators.STAMP.stat().st_mtime_ns

    assert validators.ensure() == python
    assert python.exists()
    assert validators.STAMP.stat().st_mtime_ns == made_at


def test_a_failure_names_the_command_to_run() -> None:
    with pytest.raises(validators.Missing, match=re.escape(validators.MAKE)):
        validators.uv("no-such-command")
