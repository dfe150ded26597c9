"""What the service says in English and the browser application shows in other languages."""

import json
from pathlib import Path

import pytest

from export.domain import dataset, labels
from export.domain.formats import FORMATS

TRANSLATED = Path(__file__).parents[2] / "services/gateway/ui/src/i18n/content.zh-TW.json"


@pytest.mark.parametrize("name", FORMATS)
def test_all_that_a_format_may_leave_out_is_said_in_chinese(name: str) -> None:
    anywhere = {labels.FAR_OUT, dataset.UNREADABLE, dataset.UNKNOWN_KIND, dataset.UNKNOWN_FIELD}

    words = {*FORMATS[name].cannot_carry, *anywhere}

    assert words <= set(json.loads(TRANSLATED.read_text()))
