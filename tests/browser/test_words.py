"""What the service says in English and the browser application shows in other languages."""

import json
from pathlib import Path

from common.contract.questions import S3Target
from common.storage import external as outside
from common.storage.egress import EgressPolicy
from export.storage.external_bucket import faults_of

TRANSLATED = Path(__file__).parents[2] / "services/gateway/ui/src/i18n/content.zh-TW.json"


def test_what_may_be_wrong_with_an_s3_is_said_in_chinese() -> None:
    nowhere = S3Target(endpoint="no where", bucket="A", folder="..", region="?", access_key="", secret_key="")

    words = {one.message for one in faults_of(nowhere, EgressPolicy())} | set(outside._WORDS.values())

    assert len(words) == 11
    assert words <= set(json.loads(TRANSLATED.read_text()))
