"""Motion and appearance of one object on two frames: optical flow, correlation and template matching."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from inference.domain.cxcywh import Float64Array

Image = npt.NDArray[np.uint8]
Patch = npt.NDArray[np.float32]

MAX_CORNERS = 60
MIN_CORNERS = 4
# Corners near the border of a box are the background's as often as the object's.
INNER_SHARE = 0.8
WINDOW = (13, 13)
PYRAMID_LEVELS = 3
TERMINATION = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.03)
MAX_RETURN_ERROR = 1.0
PATCH_SIZE = 32


class Shift(NamedTuple):
    """The motion of a box: `shift_xy` in pixels, and its relative `growth`; `share` of its corners were tracked."""

    shift_xy: Float64Array
    growth: float
    share: float


def estimate_shift(before: Image, now: Image, box_xyxy: Float64Array, guess_xy: Float64Array) -> Shift | None:
    """The motion of the object in a box from one grayscale frame to another, near `guess_xy`; None if too few corners
    can be tracked.

    Corners (Shi and Tomasi 1994) are tracked by pyramidal Lucas-Kanade flow (Bouguet 2000) forward and backward. Of
    those that return to within a pixel, the better half gives the median shift and the median growth of the distances
    between corners (Median Flow: Kalal et al. 2010, "Forward-Backward Error").
    """
    start = _corners(before, box_xyxy)
    if len(start) < MIN_CORNERS:
        return None
    end, found = _active(before, now, start, (start + guess_xy).astype(np.float32))
    back, returned = _active(now, before, end, start.copy())
    error = np.linalg.norm(back - start, axis=1)
    good = found & returned & (error <= MAX_RETURN_ERROR)
    if good.sum() < MIN_CORNERS:
        return None
    kept = good & (error <= np.median(error[good]))
    shift = np.median((end - start)[kept].astype(np.float64), axis=0)
    return Shift(shift, _growth(start[kept], end[kept]), float(good.mean()))


def extract_patch(image: Image, box_xyxy: Float64Array) -> Patch:
    """The content of a box, resampled to [32, 32, 3]; edge pixels are repeated beyond the frame."""
    scale = (box_xyxy[2:] - box_xyxy[:2]) / PATCH_SIZE
    # Pixel centres lie at half coordinates in boxes and at whole ones in OpenCV.
    x, y = box_xyxy[:2] + 0.5 * scale - 0.5
    move = np.array([[scale[0], 0, x], [0, scale[1], y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(image, move, (PATCH_SIZE, PATCH_SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, np.float32)


def normalized_correlation(left: Patch, right: Patch) -> float:
    """Normalized correlation of two patches, from -1 to 1; 0 if one of them is uniform."""
    first, second = left - left.mean(axis=(0, 1)), right - right.mean(axis=(0, 1))
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float((first * second).sum() / length) if length > 1e-6 else 0.0


def match_template(
    image: Image, patch: Patch, box_xyxy: Float64Array, reach: float
) -> tuple[Float64Array, float] | None:
    """The shift [2] of at most `reach` pixels at which the box matches the patch best, and the normalized correlation
    there; None if the box does not fit into the frame."""
    width, height = (round(float(side)) for side in box_xyxy[2:] - box_xyxy[:2])
    rows, columns = image.shape[:2]
    x1, y1 = np.round(box_xyxy[:2] - reach).astype(int).clip(0).tolist()
    x2, y2 = np.round(box_xyxy[2:] + reach).astype(int).clip(max=(columns, rows)).tolist()
    if min(width, height) < 2 or x2 - x1 < width or y2 - y1 < height:
        return None
    wanted = cv2.resize(patch, (width, height), interpolation=cv2.INTER_LINEAR).clip(0, 255).astype(np.uint8)
    alike = cv2.matchTemplate(image[y1:y2, x1:x2], wanted, cv2.TM_CCOEFF_NORMED)
    # Where nothing varies OpenCV divides by zero.
    alike[~np.isfinite(alike) | (np.abs(alike) > 1)] = 0
    _, best, __, (left, top) = cv2.minMaxLoc(alike)
    return np.array([x1 + left, y1 + top]) - box_xyxy[:2], float(best)


def _corners(grey: Image, box_xyxy: Float64Array) -> Patch:
    centre, half = (box_xyxy[:2] + box_xyxy[2:]) / 2, INNER_SHARE * (box_xyxy[2:] - box_xyxy[:2]) / 2
    height, width = grey.shape
    x1, y1 = np.floor(centre - half).astype(int).clip(0, (width, height)).tolist()
    x2, y2 = np.ceil(centre + half).astype(int).clip(0, (width, height)).tolist()
    if min(x2 - x1, y2 - y1) < MIN_CORNERS:
        return np.zeros((0, 2), np.float32)
    apart = max(2, min(x2 - x1, y2 - y1) // 12)
    found = cv2.goodFeaturesToTrack(np.ascontiguousarray(grey[y1:y2, x1:x2]), MAX_CORNERS, 0.01, apart, blockSize=5)
    if found is None:
        return np.zeros((0, 2), np.float32)
    return np.asarray(found.reshape(-1, 2) + np.array([x1, y1]), np.float32)


def _active(before: Image, now: Image, points: Patch, guess: Patch) -> tuple[Patch, npt.NDArray[np.bool_]]:
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        now,
        points,
        guess,
        winSize=WINDOW,
        maxLevel=PYRAMID_LEVELS,
        criteria=TERMINATION,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(there, np.float32), np.asarray(found[:, 0] == 1)


def _growth(start: Patch, end: Patch) -> float:
    one, two = np.triu_indices(len(start), 1)
    before = np.linalg.norm(start[one] - start[two], axis=1)
    after = np.linalg.norm(end[one] - end[two], axis=1)
    apart = before > 2
    return float(np.median(after[apart] / before[apart])) if apart.any() else 1.0
