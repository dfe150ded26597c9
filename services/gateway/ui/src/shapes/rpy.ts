import { interpolateAngles } from "./angles";
import type { ShapeKind, Transform } from "./kind";
import { mix } from "./plane";
import type { Angles, Pair, Point, Rpy } from "./types";

const ARROW_LENGTH = 38;
const HEAD_LENGTH = 9;
const UP_LENGTH = 16;
const HEAD_ANGLES = [-0.45, 0.45];

/** A position with roll, pitch and yaw, drawn as an arrow. */
export const rpy: ShapeKind<Rpy> = {
  overhang: Infinity,
  // An arrow rarely points down.
  tagOffset: 10,
  bounds: ({ x, y }) => ({ x1: x, y1: y, x2: x, y2: y }),
  hits: (shape, p, margin) => Math.hypot(p.x - shape.x, p.y - shape.y) <= margin * 4,
  path: (path, shape, view) => traceArrow(path, shape, shape.angles, view),
  dots: ({ x, y }) => [{ x, y, name: "", filled: true }],
  angles: ({ angles }) => angles,
  move: (shape, dx, dy) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }),
  interpolate: (from, to, share) => ({
    ...from,
    x: mix(from.x, to.x, share),
    y: mix(from.y, to.y, share),
    angles: interpolateAngles(from.angles, to.angles, share),
  }),
};

/**
 * The directions of the front and the upper side on the image, in parts of a unit length. Without rotation it faces
 * the viewer, upright; roll turns it clockwise as seen, pitch lifts its front, yaw turns its front to the right.
 */
export function axes({ roll, pitch, yaw }: Angles): { front: Pair; up: Pair } {
  const [r, p, y] = [roll, pitch, yaw].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  return {
    front: [Math.cos(p) * Math.sin(y), -Math.sin(p)],
    up: [Math.sin(r) * Math.cos(y) - Math.cos(r) * Math.sin(p) * Math.sin(y), -Math.cos(r) * Math.cos(p)],
  };
}

/** An arrow in the direction of the front, and a short line in that of the upper side. */
export function traceArrow(path: CanvasPath, at: Point, angles: Angles, view: Transform): void {
  const [x, y] = [view.x + at.x * view.scale, view.y + at.y * view.scale];
  const { front, up } = axes(angles);
  const [tipX, tipY] = [x + front[0] * ARROW_LENGTH, y + front[1] * ARROW_LENGTH];
  path.moveTo(x + up[0] * UP_LENGTH, y + up[1] * UP_LENGTH);
  path.lineTo(x, y);
  path.lineTo(tipX, tipY);
  if (Math.hypot(...front) * ARROW_LENGTH < HEAD_LENGTH) return;
  const angle = Math.atan2(front[1], front[0]);
  for (const side of HEAD_ANGLES) {
    path.moveTo(tipX, tipY);
    path.lineTo(tipX - HEAD_LENGTH * Math.cos(angle + side), tipY - HEAD_LENGTH * Math.sin(angle + side));
  }
}
