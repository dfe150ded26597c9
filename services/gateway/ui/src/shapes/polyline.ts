import { polylineBetween } from "./contours/interpolate";
import type { ShapeKind } from "./kind";
import { boundsOfPoints, movePairs, nearLine, traceLine, within } from "./plane";
import type { Polyline } from "./types";

export const polyline: ShapeKind<Polyline> = {
  matchesContours: true,
  bounds: ({ points }) => boundsOfPoints(points),
  hits: ({ points }, point, margin) => within(boundsOfPoints(points), point, margin) && nearLine(points, point, margin),
  path: (path, { points }, view) => traceLine(path, points, view, false),
  move: (shape, dx, dy) => ({ ...shape, points: movePairs(shape.points, dx, dy) }),
  interpolate: polylineBetween,
};
