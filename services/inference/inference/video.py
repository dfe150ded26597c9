"""The inside of the sandbox: a clip's samples become small pictures. Imports little, because every clip pays."""

from collections.abc import Iterator
from typing import Any

from common.clips import ClipIndex
from common.footage import Samples, decode_clip
from common.sandboxed import Undecodable


def pictures(
    index: dict[str, Any], size_wh: list[int], samples: Samples
) -> Iterator[tuple[dict[str, int], memoryview]]:
    """Every frame of a clip, scaled to `size_wh`, as rows of BGR bytes.

    Raises:
        Undecodable: no frame of the clip can be decoded.
    """
    width, height = size_wh
    try:
        for frame, picture in decode_clip(ClipIndex.model_validate(index), samples, (width, height)):
            yield {"frame": frame}, picture.data
    except ValueError as error:
        raise Undecodable(f"{error}.") from error
