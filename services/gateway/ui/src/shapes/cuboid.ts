import type { ShapeKind } from "./kind";
import { boundsOfPoints, mixPairs, movePairs, traceLine, within } from "./plane";
import type { Cuboid } from "./types";

/** The edges beside the front face: those of the back face, and those between the faces. */
const DEPTH_EDGES = [[4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]] as const;

/** Eight corners as seen: front face first, each face top left, top right, bottom right, bottom left. */
export const cuboid: ShapeKind<Cuboid> = {
  bounds: ({ points }) => boundsOfPoints(points),
  hits: ({ points }, point, margin) => within(boundsOfPoints(points), point, margin),
  path(path, { points }, view) {
    traceLine(path, points.slice(0, 4), view, true);
    for (const [from, to] of DEPTH_EDGES) {
      const [a, b] = [points[from], points[to]];
      if (a && b) traceLine(path, [a, b], view, false);
    }
  },
  move: (shape, dx, dy) => ({ ...shape, points: movePairs(shape.points, dx, dy) }),
  interpolate(from, to, share) {
    if (from.points.length !== to.points.length) return from;
    return { ...from, points: mixPairs(from.points, to.points, share) };
  },
};
