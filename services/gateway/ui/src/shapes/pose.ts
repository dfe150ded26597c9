import type { Angles, Pair } from "./types";

/**
 * Where a turned thing's front and its upper side point on the picture, as parts of a unit length. Without any turn it
 * faces the viewer, upright; roll turns it clockwise as seen, pitch lifts its front, yaw turns its front to the right.
 */
export function axes({ roll, pitch, yaw }: Angles): { front: Pair; up: Pair } {
  const [r, p, y] = [roll, pitch, yaw].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  return {
    front: [Math.cos(p) * Math.sin(y), -Math.sin(p)],
    up: [Math.sin(r) * Math.cos(y) - Math.cos(r) * Math.sin(p) * Math.sin(y), -Math.cos(r) * Math.cos(p)],
  };
}
