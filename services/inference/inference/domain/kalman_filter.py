"""A Kalman filter with constant velocity, for many boxes at once.

The four components (centre x, centre y, width, height) are independent, so each is a filter of position and velocity
with a 2x2 covariance, written out. Noise grows with the box's height; the weights are those of DeepSORT (Wojke et al.
2017), which ByteTrack uses too.
"""

from dataclasses import dataclass

import numpy as np

from inference.domain.cxcywh import Float64Array, cxcywh_of, xyxy_of
from inference.domain.detections import BoolArray, Float32Array, IntArray

POSITION_WEIGHT = 1 / 20
VELOCITY_WEIGHT = 1 / 160


@dataclass(frozen=True, slots=True)
class KalmanState:
    """`position` and `velocity` (per frame) [n, 4]; `covariance` [n, 4, 3] as variance of the position, covariance,
    variance of the velocity."""

    position: Float64Array
    velocity: Float64Array
    covariance: Float64Array

    def __getitem__(self, chosen: BoolArray | IntArray) -> "KalmanState":
        return KalmanState(self.position[chosen], self.velocity[chosen], self.covariance[chosen])

    @property
    def boxes_xyxy(self) -> Float32Array:
        """[n, 4] the estimated boxes."""
        return xyxy_of(self.position).astype(np.float32)


def initiate(boxes_xyxy: Float32Array) -> KalmanState:
    """The state of boxes that were detected for the first time, at rest."""
    position = cxcywh_of(boxes_xyxy.astype(np.float64))
    unsure_of_position, unsure_of_velocity = _noise(position)
    covariance = np.zeros((len(position), 4, 3))
    covariance[:, :, 0], covariance[:, :, 2] = 4 * unsure_of_position, 100 * unsure_of_velocity
    return KalmanState(position, np.zeros_like(position), covariance)


def concatenate(first: KalmanState, second: KalmanState) -> KalmanState:
    """The rows of two states as one state."""
    return KalmanState(
        np.concatenate([first.position, second.position]),
        np.concatenate([first.velocity, second.velocity]),
        np.concatenate([first.covariance, second.covariance]),
    )


def predict(state: KalmanState) -> KalmanState:
    """The state one frame later, before its detections."""
    of_position, shared, of_velocity = np.moveaxis(state.covariance, 2, 0)
    more_position, more_velocity = _noise(state.position)
    covariance = np.stack(
        [of_position + 2 * shared + of_velocity + more_position, shared + of_velocity, of_velocity + more_velocity],
        axis=2,
    )
    position = state.position + state.velocity
    position[:, 2:] = position[:, 2:].clip(min=1)
    return KalmanState(position, state.velocity, covariance)


def update(state: KalmanState, rows: IntArray, boxes_xyxy: Float32Array) -> KalmanState:
    """The state after the boxes in `rows` were detected at `boxes_xyxy`."""
    part = state[rows]
    of_position, shared, of_velocity = np.moveaxis(part.covariance, 2, 0)
    spread = of_position + _noise(part.position)[0]
    gain, gain_velocity = of_position / spread, shared / spread
    surprise = cxcywh_of(boxes_xyxy.astype(np.float64)) - part.position
    covariance = np.stack(
        [(1 - gain) * of_position, (1 - gain) * shared, of_velocity - gain_velocity * shared],
        axis=2,
    )
    after = KalmanState(state.position.copy(), state.velocity.copy(), state.covariance.copy())
    after.position[rows] = part.position + gain * surprise
    after.velocity[rows] = part.velocity + gain_velocity * surprise
    after.covariance[rows] = covariance
    return after


def _noise(position: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Variances [n, 1] of position and velocity."""
    height = position[:, 3:4]
    return (POSITION_WEIGHT * height) ** 2, (VELOCITY_WEIGHT * height) ** 2
