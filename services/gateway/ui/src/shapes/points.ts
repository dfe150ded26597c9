import type { ShapeKind } from "./kind";
import { boundsOfPoints, mixPairs, movePairs } from "./plane";
import type { GeometryOf } from "./types";

export const points: ShapeKind<GeometryOf<"points">> = {
  tagOffset: -23,
  bounds: (shape) => boundsOfPoints(shape.points),
  hits: (shape, p, margin) => shape.points.some(([x, y]) => Math.hypot(x - p.x, y - p.y) <= margin * 2),
  path: () => undefined,
  dots: (shape) => shape.points.map(([x, y]) => ({ x, y, name: "", filled: true })),
  move: (shape, dx, dy) => ({ ...shape, points: movePairs(shape.points, dx, dy) }),
  interpolate(from, to, share) {
    // The correspondence of several unnamed points is unknown.
    if (from.points.length !== 1 || to.points.length !== 1) return from;
    return { ...from, points: mixPairs(from.points, to.points, share) };
  },
};
