import { interpolateKeypoints, moveKeypoints } from "./keypoints";
import type { Edges, ShapeKind } from "./kind";
import { boundsOfPoints, nearLine, traceLine } from "./plane";
import type { Pair, Skeleton } from "./types";

export const skeleton: ShapeKind<Skeleton> = {
  tagOffset: -23,
  bounds: ({ keypoints }) => boundsOfPoints(keypoints.map(({ x, y }): Pair => [x, y])),
  hits(shape, p, margin, edges) {
    if (shape.keypoints.some(({ x, y }) => Math.hypot(x - p.x, y - p.y) <= margin * 2)) return true;
    return linesOf(shape, edges).some((line) => nearLine(line, p, margin));
  },
  path(path, shape, view, edges) {
    for (const line of linesOf(shape, edges)) traceLine(path, line, view, false);
  },
  dots: ({ keypoints }) => keypoints.map(({ x, y, name, visible }) => ({ x, y, name, filled: visible })),
  keypoints: ({ keypoints }) => keypoints,
  move: (shape, dx, dy) => ({ ...shape, keypoints: moveKeypoints(shape.keypoints, dx, dy) }),
  interpolate: (from, to, share) => ({ ...from, keypoints: interpolateKeypoints(from.keypoints, to.keypoints, share) }),
};

/** The edges of which both points are known. */
function linesOf({ keypoints }: Skeleton, edges: Edges): [Pair, Pair][] {
  const positions = new Map(keypoints.map(({ name, x, y }): [string, Pair] => [name, [x, y]]));
  return edges.flatMap(([from, to]): [Pair, Pair][] => {
    const [a, b] = [positions.get(from), positions.get(to)];
    return a && b ? [[a, b]] : [];
  });
}
