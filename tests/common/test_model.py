"""Properties of all contracts."""

import pytest
from pydantic import TypeAdapter, ValidationError

from common.contract.edits import Edit
from common.contract.labels import ObjectState


@pytest.mark.parametrize("points", ["[[],[],[]]", '[["a","b"],["c","d"]]', "[5,6,7]"])
def test_only_the_first_invalid_item_of_a_list_is_reported(points: str) -> None:
    keyframe = '{"frame":0,"geometry":{"kind":"polygon","parts":[{"outer":' + points + "}]}}"
    edit = '{"id":"e","object":"o","base_revision":1,"verb":"put_keyframe","keyframe":' + keyframe + "}"

    with pytest.raises(ValidationError) as wrong:
        TypeAdapter[Edit](Edit).validate_json(edit)

    assert wrong.value.error_count() == 1
    assert wrong.value.errors()[0]["loc"][-2:] in [(0, 0), ("outer", 0)]


def test_every_invalid_field_is_reported() -> None:
    with pytest.raises(ValidationError) as wrong:
        ObjectState.model_validate({"id": "../x", "keyframes": [5, 6]})

    assert {"id", "project_id", "keyframes"} <= {error["loc"][0] for error in wrong.value.errors()}
