"""Every visible box on every frame of a range, as rows."""

from collections.abc import Sequence

from common.interpolation import Tracks, shown
from common.labels import ObjectState
from common.questions import BoxRow


def box_rows(objects: Sequence[ObjectState], first: int, last: int) -> list[BoxRow]:
    """The boxes of objects on frames first…last, by frame, then in the order of the objects. Occlusion, source and
    score hold from the keyframe on the left; a box between keyframes is `interpolated`."""
    tracks = Tracks.of([one.keyframes for one in objects])
    keyframes = [keyframe for one in objects for keyframe in one.keyframes]
    visible = shown(tracks, first, last)
    owners = tracks.track[visible.keyframe].tolist()
    rows: list[BoxRow] = []
    for frame, box, left, owner, is_key in zip(
        visible.frames.tolist(),
        visible.boxes_xyxyr.tolist(),
        visible.keyframe.tolist(),
        owners,
        visible.is_key.tolist(),
        strict=True,
    ):
        keyframe, owned_by = keyframes[left], objects[owner]
        rows.append(
            BoxRow.model_construct(
                frame=frame,
                object_id=owned_by.id,
                category=owned_by.category,
                type=owned_by.type,
                x1=box[0],
                y1=box[1],
                x2=box[2],
                y2=box[3],
                rotation=box[4],
                key=is_key,
                occluded=keyframe.occluded,
                source=keyframe.source if is_key else "interpolated",
                score=keyframe.score,
            )
        )
    return rows
