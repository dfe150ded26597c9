"""Two ways through the same frames, one followed from each end, become one."""

from dataclasses import dataclass

import numpy as np

from inference.domain.cxcywh import Doubles, overlaps
from inference.domain.detections import Bools

# From this score on a way is sure of a place. On pedestrians who cross each other (vtest.avi, 60 gaps of 60 frames)
# four of five places above it overlap the true one by half or more, below it one in twenty.
SURE = 0.45
# Below this one a way may have begun to follow something else.
DOUBTED = 0.55
# Two places are the same from this overlap on.
SAME = 0.5
# So many frames without a sure place are bridged; after more the thing is lost.
BRIDGED = 10
MEDIAN_OVER = 2
# A way that arrives exactly does not count alone.
LEAST_MISSED = 0.05


@dataclass(frozen=True, slots=True)
class Way:
    """A place [n, 4] (centre x, centre y, width, height) and a score [n], from 0 to 1, for each frame."""

    places: Doubles
    scores: Doubles


def fuse(expected: Doubles, forward: Way, backward: Way | None) -> Way:
    """One way from both, and the expected one (`expected` [n, 4]) where neither is sure; `backward` is None where
    there is nothing to follow back from the end.

    A way weighs its score times its nearness to where it began, and the more the better it meets the other end. Where
    the two agree, the result is their weighted mean; elsewhere the weightier one of those that are believed. A frame on
    which none is sure gets a score of 0, and a place that departs from the expected one as the sure places on both
    sides do, evenly from one to the other.
    """
    backward = backward or Way(expected, np.zeros(len(expected)))
    ahead, back = _weights(expected, forward, backward)
    share = np.linspace(0, 1, len(expected))[:, None]
    forward = _closed(forward, expected, -1, share)
    backward = _closed(backward, expected, 0, 1 - share)
    score = np.maximum(forward.scores * (ahead > 0), backward.scores * (back > 0))
    score[[0, -1]] = 1
    sure = score >= SURE
    total = np.where(ahead + back > 0, ahead + back, 1)
    mean = (ahead[:, None] * forward.places + back[:, None] * backward.places) / total[:, None]
    mean[[0, -1]] = expected[[0, -1]]
    at = np.arange(len(expected))
    departed = [np.interp(at, at[sure], (mean - expected)[sure, side]) for side in range(4)]
    places = expected + np.stack(departed, axis=1)
    places[:, 2:] = places[:, 2:].clip(min=1)
    return Way(places, np.where(sure, score, 0))


def lost(way: Way) -> Bools:
    """[n] which frames lie in a stretch of more than ten on which nothing is sure."""
    gone = np.zeros(len(way.scores), bool)
    for start, end in stretches(way.scores == 0):
        gone[start:end] = end - start > BRIDGED
    return gone


def stretches(true: Bools) -> list[tuple[int, int]]:
    """Where `true` [n] holds, as pairs of the first index and the one after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(int))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def steadied(places: Doubles) -> Doubles:
    """The median of each place with its neighbours, two on both sides and fewer near the ends, which stay."""
    count = len(places)
    calm = places.copy()
    for at in range(count):
        reach = min(MEDIAN_OVER, at, count - 1 - at)
        calm[at] = np.median(places[at - reach : at + reach + 1], axis=0)
    return calm


def _closed(way: Way, expected: Doubles, end: int, share: Doubles) -> Way:
    """A way that arrives, made to arrive exactly: flow drifts a little on each frame, so what it is off at the end
    has grown evenly."""
    if not _arrives(way, expected, end):
        return way
    off = expected[end, :2] - way.places[end, :2]
    growth = expected[end, 2:] / way.places[end, 2:]
    return Way(np.concatenate([way.places[:, :2] + share * off, way.places[:, 2:] * growth**share], axis=1), way.scores)


def _arrives(way: Way, expected: Doubles, end: int) -> bool:
    return bool(overlaps(way.places[[end]], expected[[end]])[0] >= SAME and way.scores[end] >= SURE)


def _weights(expected: Doubles, forward: Way, backward: Way) -> tuple[Doubles, Doubles]:
    share = np.linspace(0, 1, len(expected))
    agree = overlaps(forward.places, backward.places) >= SAME
    believed, believed_back = _believed(expected, forward, backward, agree)
    ahead = (1 - share) * forward.scores * believed * _trust(forward, expected, -1)
    back = share * backward.scores * believed_back * _trust(backward, expected, 0)
    return np.where(agree | (ahead >= back), ahead, 0), np.where(agree | (back > ahead), back, 0)


def _trust(way: Way, expected: Doubles, end: int) -> float:
    """How much more a way counts than one that ends elsewhere: as in any weighted mean, 1 / error², where the error is
    the share of the other keyframe's box that it misses."""
    missed = 1 - float(overlaps(way.places[[end]], expected[[end]])[0])
    return 1 / (missed + LEAST_MISSED) ** 2


def _believed(expected: Doubles, forward: Way, backward: Way, agree: Bools) -> tuple[Bools, Bools]:
    """On which frames each way is believed.

    One that arrives where the other began was right all along: the other keyframe proves it. Where neither arrives
    but they meet, each is believed up to where they do. Where they do not even meet, one of them follows something
    else: each is believed only until it is in doubt for the first time.
    """
    everywhere = np.ones(len(expected), bool)
    arrived, arrived_back = _arrives(forward, expected, -1), _arrives(backward, expected, 0)
    if arrived or arrived_back or not backward.scores.any():
        return everywhere if arrived or not arrived_back else agree, everywhere if arrived_back else agree
    at = np.arange(len(expected))
    share = at / at[-1]
    gained = np.concatenate([[0], np.cumsum((1 - share) * forward.scores - share * backward.scores)[:-1]])
    if agree[1:-1].any():
        change = int(at[agree][np.argmax(gained[agree])])
        return (at < change) | agree, (at >= change) | agree
    change = int(np.argmax(gained))
    first_doubt = int(np.argmax(np.append(forward.scores[:change] < DOUBTED, True)))
    last_doubt = len(at) - 1 - int(np.argmax(np.append(backward.scores[:change:-1] < DOUBTED, True)))
    return at < min(first_doubt, change - BRIDGED / 2), at > max(last_doubt, change + BRIDGED / 2)
