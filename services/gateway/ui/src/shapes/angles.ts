import type { Angles } from "./types";

/** An angle in [0, 360). */
export function positive(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** The angle in degrees from `a` to `b` along the shorter arc, in (-180, 180]. */
export function shortArc(a: number, b: number): number {
  const turn = positive(b - a);
  return turn > 180 ? turn - 360 : turn;
}

/** The rotation at `share` (0 to 1) between two rotations, along the shorter arc. */
export function interpolateRotation(from: number, to: number, share: number): number {
  return positive(from + shortArc(from, to) * share);
}

/** A shape with its rotation in [0, 360). */
export function normalized<T extends { rotation: number }>(shape: T): T {
  const rotation = positive(shape.rotation);
  return rotation === shape.rotation ? shape : { ...shape, rotation };
}

/** An angle in (-180, 180]. */
function balanced(degrees: number): number {
  return 180 - positive(180 - degrees);
}

export function interpolateAngles(from: Angles, to: Angles, share: number): Angles;
export function interpolateAngles(from: Angles | null, to: Angles | null, share: number): Angles | null;
export function interpolateAngles(from: Angles | null, to: Angles | null, share: number): Angles | null {
  if (!from || !to) return from;
  const along = (a: number, b: number): number => balanced(a + shortArc(a, b) * share);
  return { roll: along(from.roll, to.roll), pitch: along(from.pitch, to.pitch), yaw: along(from.yaw, to.yaw) };
}
