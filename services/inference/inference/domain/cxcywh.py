"""Boxes as centre x, centre y, width, height."""

import numpy as np
import numpy.typing as npt

from common.geometry.iou import iou_pairs

Float64Array = npt.NDArray[np.float64]

# More per frame is a jump to another object: people and cars move less than a fifth of their longer side and grow less
# than 3 %, even at 10 frames per second.
MAX_SHIFT = 0.5
MAX_GROWTH = 1.1
# How far the size may be from the one interpolated between the keyframes.
MAX_SIZE_RATIO = 1.6
MIN_SIDE = 1.0


def cxcywh_of(boxes_xyxy: Float64Array) -> Float64Array:
    """[…, 4] centre x, centre y, width and height of boxes."""
    corner, opposite = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return np.concatenate([(corner + opposite) / 2, opposite - corner], axis=-1)


def xyxy_of(boxes_cxcywh: Float64Array) -> Float64Array:
    """[…, 4] the boxes as x1, y1, x2, y2."""
    half = boxes_cxcywh[..., 2:] / 2
    return np.concatenate([boxes_cxcywh[..., :2] - half, boxes_cxcywh[..., :2] + half], axis=-1)


def clip_to_image(boxes_xyxy: Float64Array, size_wh: tuple[int, int]) -> Float64Array:
    """[…, 4] the boxes clipped to an image; one outside becomes a pixel at the edge."""
    limit = np.array(size_wh, np.float64)
    corner = boxes_xyxy[..., :2].clip(0, limit - MIN_SIDE)
    return np.concatenate([corner, np.maximum(boxes_xyxy[..., 2:].clip(0, limit), corner + MIN_SIDE)], axis=-1)


def interpolate_cxcywh(first: Float64Array, last: Float64Array, count: int) -> Float64Array:
    """[count, 4] the boxes from `first` to `last`, both included, of an object that moves evenly and grows by the same
    share on each frame: centre and logarithm of the size are linear."""
    share = np.linspace(0, 1, count)[:, None]
    centre = (1 - share) * first[:2] + share * last[:2]
    size = np.exp((1 - share) * np.log(first[2:].clip(MIN_SIDE)) + share * np.log(last[2:].clip(MIN_SIDE)))
    return np.concatenate([centre, size], axis=1)


def limit_motion(box: Float64Array, before: Float64Array, expected: Float64Array) -> Float64Array:
    """A box [4] no further from the one `before` than an object moves in one frame, and not far from the `expected`
    size."""
    reach = MAX_SHIFT * before[2:].max()
    shift = box[:2] - before[:2]
    length = float(np.hypot(*shift))
    centre = before[:2] + shift * min(1.0, reach / length) if length else box[:2]
    size = box[2:].clip(before[2:] / MAX_GROWTH, before[2:] * MAX_GROWTH)
    size = size.clip(expected[2:] / MAX_SIZE_RATIO, expected[2:] * MAX_SIZE_RATIO)
    return np.concatenate([centre, size])


def iou_of_cxcywh(boxes_cxcywh: Float64Array, others_cxcywh: Float64Array) -> Float64Array:
    """[n] IoU of the boxes at the same index."""
    return iou_pairs(xyxy_of(boxes_cxcywh), xyxy_of(others_cxcywh))
