"""Where things will be: a Kalman filter with constant velocity for many boxes at once.

The four components (centre x, centre y, width, height) are independent, so each is a filter of position and velocity
with a 2x2 covariance, written out. Noise grows with the box's height; the weights are those of DeepSORT
(Wojke et al. 2017), which ByteTrack took over.
"""

from dataclasses import dataclass

import numpy as np

from inference.domain.cxcywh import Doubles, boxes_of, places_of
from inference.domain.detections import Bools, Floats, Ints

POSITION_WEIGHT = 1 / 20
VELOCITY_WEIGHT = 1 / 160


@dataclass(frozen=True, slots=True)
class Motion:
    """`position` and `velocity` (per frame) [n, 4]; `covariance` [n, 4, 3] as variance of the position, covariance,
    variance of the velocity."""

    position: Doubles
    velocity: Doubles
    covariance: Doubles

    def __getitem__(self, chosen: Bools | Ints) -> "Motion":
        return Motion(self.position[chosen], self.velocity[chosen], self.covariance[chosen])

    @property
    def boxes_xyxy(self) -> Floats:
        """[n, 4] where the boxes are now."""
        return boxes_of(self.position).astype(np.float32)


def at_rest(boxes_xyxy: Floats) -> Motion:
    """Boxes seen for the first time."""
    position = places_of(boxes_xyxy.astype(np.float64))
    unsure_of_position, unsure_of_velocity = _noise(position)
    covariance = np.zeros((len(position), 4, 3))
    covariance[:, :, 0], covariance[:, :, 2] = 4 * unsure_of_position, 100 * unsure_of_velocity
    return Motion(position, np.zeros_like(position), covariance)


def joined(first: Motion, second: Motion) -> Motion:
    """Both, one after the other."""
    return Motion(
        np.concatenate([first.position, second.position]),
        np.concatenate([first.velocity, second.velocity]),
        np.concatenate([first.covariance, second.covariance]),
    )


def predicted(motion: Motion) -> Motion:
    """The same boxes a frame later, before anything is seen of them."""
    of_position, shared, of_velocity = np.moveaxis(motion.covariance, 2, 0)
    more_position, more_velocity = _noise(motion.position)
    covariance = np.stack(
        [of_position + 2 * shared + of_velocity + more_position, shared + of_velocity, of_velocity + more_velocity],
        axis=2,
    )
    position = motion.position + motion.velocity
    position[:, 2:] = position[:, 2:].clip(min=1)
    return Motion(position, motion.velocity, covariance)


def corrected(motion: Motion, rows: Ints, boxes_xyxy: Floats) -> Motion:
    """All boxes, of which those in `rows` were seen at `boxes_xyxy`."""
    part = motion[rows]
    of_position, shared, of_velocity = np.moveaxis(part.covariance, 2, 0)
    spread = of_position + _noise(part.position)[0]
    gain, gain_velocity = of_position / spread, shared / spread
    surprise = places_of(boxes_xyxy.astype(np.float64)) - part.position
    covariance = np.stack(
        [(1 - gain) * of_position, (1 - gain) * shared, of_velocity - gain_velocity * shared],
        axis=2,
    )
    after = Motion(motion.position.copy(), motion.velocity.copy(), motion.covariance.copy())
    after.position[rows] = part.position + gain * surprise
    after.velocity[rows] = part.velocity + gain_velocity * surprise
    after.covariance[rows] = covariance
    return after


def _noise(position: Doubles) -> tuple[Doubles, Doubles]:
    """Variances [n, 1] of position and velocity."""
    height = position[:, 3:4]
    return (POSITION_WEIGHT * height) ** 2, (VELOCITY_WEIGHT * height) ** 2
