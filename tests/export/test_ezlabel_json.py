"""ezLabel JSON loses nothing: what is read back equals what was written."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from common.interpolation import Tracks, shown
from common.labels import Box, Keyframe, ObjectState
from export.domain.dataset import Dataset
from tests.export.made import DETECTION, archive, dataset, dropped, every_frame, keyframe, labeled, medium

FRAMES = 30
KINDS = {"BoundingBox": "bbox"}


def files(made: Dataset) -> dict[str, Any]:
    return {
        name: json.loads(content) for name, content in archive("ezLabel JSON", made).items() if name.endswith(".json")
    }


def parsed(document: dict[str, Any]) -> list[ObjectState]:
    """The objects of a file, from its key frames alone."""
    return [_object(found, document["media"]["id"]) for found in document["objects"]]


def _object(found: dict[str, Any], media_id: str) -> ObjectState:
    same = ("mission", "category", "type", "attributes", "source", "score", "run_id", "done", "revision", "author")
    keyframes = [_keyframe(row) for row in found["frames"] if row["key"]]
    return ObjectState(
        id=found["uid"],
        project_id="p",
        media_id=media_id,
        annotation_type=KINDS[found["annotation_type"]],
        keyframes=keyframes,
        **{name: found[name] for name in same},
    )


def _keyframe(row: dict[str, Any]) -> Keyframe:
    x1, y1, x2, y2 = row["bbox"]
    return Keyframe(
        frame=row["frame"] - 1,
        geometry=Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=row.get("rotation", 0.0)),
        outside=row.get("outside", False),
        occluded=row.get("occluded", False),
        source=row["source"],
        score=row.get("score"),
    )


coordinates = st.floats(-1e4, 1e4, allow_subnormal=False)
scores = st.none() | st.floats(0, 1)
sources = st.sampled_from(["manual", "quick", "interpolated", "model", "import"])
keyframes = st.lists(
    st.builds(
        Keyframe,
        frame=st.integers(0, FRAMES + 5),
        geometry=st.builds(
            Box, x1=coordinates, y1=coordinates, x2=coordinates, y2=coordinates, rotation=st.floats(-720, 720)
        ),
        outside=st.booleans(),
        occluded=st.booleans(),
        source=sources,
        score=scores,
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda key: key.frame,
).map(lambda keys: sorted(keys, key=lambda key: key.frame))
words = st.text(st.characters(codec="utf-8"), max_size=8)
objects = st.lists(
    st.builds(
        ObjectState,
        id=st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
        project_id=st.just("p"),
        media_id=st.sampled_from(["m1", "m2"]),
        mission=words,
        category=words,
        type=st.none() | words,
        attributes=st.dictionaries(words, words | st.booleans() | coordinates, max_size=3),
        keyframes=keyframes,
        source=sources,
        run_id=st.none() | st.just("run-1"),
        score=scores,
        done=st.booleans(),
        revision=st.integers(1, 10_000),
        author=st.just("ada"),
    ),
    max_size=5,
    unique_by=lambda found: found.id,
)


@given(objects)
def test_what_is_read_back_equals_what_was_written(written: list[ObjectState]) -> None:
    made = dataset([medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES)], written)

    read = [found for document in files(made).values() for found in parsed(document)]

    assert sorted(read, key=lambda found: found.id) == sorted(written, key=lambda found: found.id)
    assert dropped(made) == {}


@given(keyframes)
def test_frames_and_spans_say_where_the_object_is_seen(keys: list[Keyframe]) -> None:
    (document,) = files(dataset([medium(frames=FRAMES)], [labeled("o1", *keys)])).values()

    (found,) = document["objects"]
    seen = [row for row in found["frames"] if not row.get("outside") and row["frame"] <= FRAMES]
    whole = shown(Tracks.of([keys]), 0, FRAMES - 1)

    assert [row["frame"] - 1 for row in seen] == whole.frames.tolist()
    assert [frame for first, last in found["spans"] for frame in range(first, last + 1)] == [
        row["frame"] for row in seen
    ]
    assert [row["frame"] for row in found["frames"]] == sorted(row["frame"] for row in found["frames"])


def test_a_file_says_what_its_medium_is_and_frames_count_from_one() -> None:
    made = dataset(
        [medium(frames=3, sha256="0" * 64)], [labeled("o1", keyframe(0, 1, 2, 3, 4), keyframe(2, 2, 2, 4, 4))]
    )

    ((name, document),) = files(made).items()

    assert name == "Annotations/a.mp4_00001.json"
    assert (document["format"], document["version"], document["mission"]) == ("ezlabel-json", 1, DETECTION.name)
    assert document["missions"] == [DETECTION.model_dump(mode="json")]
    assert document["media"]["frames"] == 3
    assert document["media"]["weather"] == "Unknown"
    (found,) = document["objects"]
    assert found["id"] == 1
    assert found["spans"] == [[1, 3]]
    assert found["frames"][1] == {"frame": 2, "key": False, "source": "interpolated", "bbox": [1.5, 2, 3.5, 4]}


def test_every_medium_has_a_file_also_without_labels_or_with_the_same_name() -> None:
    made = dataset([medium("m1"), medium("m2"), medium("m3", "x/ü.jpg")], [labeled("o1", media_id="m2")])

    found = files(made)

    assert set(found) == {
        "Annotations/a.mp4_00001.json",
        "Annotations/a (2).mp4_00001.json",
        "Annotations/x/ü.jpg_00001.json",
    }
    assert [len(document["objects"]) for document in found.values()] == [1, 0, 0]


def test_pictures_lie_where_the_file_says() -> None:
    made = dataset([medium("m1", "a.mp4", 2), medium("m2", "b.jpg")], pictures=every_frame)

    packed = archive("ezLabel JSON", made)

    assert packed["images/a/frame_000001.jpg"] == b"m1 1"
    assert packed["images/b.jpg"] == b"m2 0"
    said = {json.loads(content)["media"]["images"] for name, content in packed.items() if name.endswith(".json")}
    assert said == {"images/a", "images/b.jpg"}
