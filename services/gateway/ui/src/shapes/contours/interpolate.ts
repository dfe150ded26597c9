import type { Pair, Part, Polygon, Polyline } from "../types";
import { correspondence, type Correspondence } from "./correspondence";

interface Cached {
  right: readonly Pair[];
  pairs: Correspondence;
}

// By the contour of the left keyframe: its correspondence holds as long as both keyframes exist.
const cache = new WeakMap<readonly Pair[], Cached>();

function contourBetween(left: Pair[], right: readonly Pair[], share: number, closed: boolean): Pair[] {
  if (left.length === 0 || right.length === 0) return left;
  let cached = cache.get(left);
  if (cached?.right !== right) cache.set(left, (cached = { right, pairs: correspondence(left, right, closed) }));
  const { left: from, right: to } = cached.pairs;
  const points = new Array<Pair>(from.x.length);
  for (let at = 0; at < points.length; at += 1) {
    const [x, y] = [from.x[at]!, from.y[at]!];
    points[at] = [x + (to.x[at]! - x) * share, y + (to.y[at]! - y) * share];
  }
  return points;
}

export function polylineBetween(a: Polyline, b: Polyline, share: number): Polyline {
  return { kind: "polyline", points: contourBetween(a.points, b.points, share, false) };
}

/** Parts correspond by their order, and so do the holes of a part; where their numbers differ, they are held. */
export function polygonBetween(a: Polygon, b: Polygon, share: number): Polygon {
  if (a.parts.length !== b.parts.length) return a;
  return { kind: "polygon", parts: a.parts.map((part, at) => partBetween(part, b.parts[at]!, share)) };
}

function partBetween(a: Part, b: Part, share: number): Part {
  const outer = contourBetween(a.outer, b.outer, share, true);
  if (a.holes.length !== b.holes.length) return { outer, holes: a.holes };
  return { outer, holes: a.holes.map((hole, at) => contourBetween(hole, b.holes[at]!, share, true)) };
}
