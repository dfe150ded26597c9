"""Where a box is, as centre and size: what is interpolated, limited and compared between keyframes."""

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

# More in a frame is a leap to something else: people and cars stay under a fifth of their longer side and under 3 %
# of growth even at 10 frames a second.
SHIFT = 0.5
GROWTH = 1.1
# How far from the size that the keyframes on both sides lead one to expect.
STRETCH = 1.6
SMALLEST = 1.0


def places_of(boxes_xyxy: Doubles) -> Doubles:
    """[…, 4] centre x, centre y, width and height of boxes."""
    corner, opposite = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return np.concatenate([(corner + opposite) / 2, opposite - corner], axis=-1)


def boxes_of(places: Doubles) -> Doubles:
    """[…, 4] the boxes as x1, y1, x2, y2."""
    half = places[..., 2:] / 2
    return np.concatenate([places[..., :2] - half, places[..., :2] + half], axis=-1)


def within(boxes_xyxy: Doubles, size_wh: tuple[int, int]) -> Doubles:
    """[…, 4] the boxes cut at the edges of a picture; one that lies outside becomes a pixel at its edge."""
    limit = np.array(size_wh, np.float64)
    corner = boxes_xyxy[..., :2].clip(0, limit - SMALLEST)
    return np.concatenate([corner, np.maximum(boxes_xyxy[..., 2:].clip(0, limit), corner + SMALLEST)], axis=-1)


def prior(first: Doubles, last: Doubles, count: int) -> Doubles:
    """[count, 4] the places from `first` to `last`, both included, of a thing that moves evenly and grows by the same
    share on each frame: centre and logarithm of the size go straight."""
    share = np.linspace(0, 1, count)[:, None]
    centre = (1 - share) * first[:2] + share * last[:2]
    size = np.exp((1 - share) * np.log(first[2:].clip(SMALLEST)) + share * np.log(last[2:].clip(SMALLEST)))
    return np.concatenate([centre, size], axis=1)


def limited(place: Doubles, before: Doubles, expected: Doubles) -> Doubles:
    """A place [4] no further from the one `before` than a thing can go in a frame, nor of a size far from what is
    `expected`."""
    reach = SHIFT * before[2:].max()
    shift = place[:2] - before[:2]
    length = float(np.hypot(*shift))
    centre = before[:2] + shift * min(1.0, reach / length) if length else place[:2]
    size = place[2:].clip(before[2:] / GROWTH, before[2:] * GROWTH).clip(expected[2:] / STRETCH, expected[2:] * STRETCH)
    return np.concatenate([centre, size])


def overlaps(places: Doubles, others: Doubles) -> Doubles:
    """[n] intersection over union of each place with the other at the same index."""
    one, two = boxes_of(places), boxes_of(others)
    shared = (np.minimum(one[:, 2:], two[:, 2:]) - np.maximum(one[:, :2], two[:, :2])).clip(min=0).prod(axis=1)
    union = places[:, 2:].prod(axis=1) + others[:, 2:].prod(axis=1) - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
