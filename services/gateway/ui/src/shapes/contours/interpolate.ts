import type { Pair, Part, Polygon, Polyline } from "../types";
import { matched, type Matched } from "./correspondence";

interface Known {
  right: readonly Pair[];
  pairs: Matched;
}

// By the outline of the keyframe on the left: what it was matched with stays while both keyframes do.
const known = new WeakMap<readonly Pair[], Known>();

function outlineBetween(left: Pair[], right: readonly Pair[], share: number, closed: boolean): Pair[] {
  if (left.length === 0 || right.length === 0) return left;
  let found = known.get(left);
  if (found?.right !== right) known.set(left, (found = { right, pairs: matched(left, right, closed) }));
  const { left: from, right: to } = found.pairs;
  const points = new Array<Pair>(from.x.length);
  for (let at = 0; at < points.length; at += 1) {
    const [x, y] = [from.x[at]!, from.y[at]!];
    points[at] = [x + (to.x[at]! - x) * share, y + (to.y[at]! - y) * share];
  }
  return points;
}

export function polylineBetween(a: Polyline, b: Polyline, share: number): Polyline {
  return { kind: "polyline", points: outlineBetween(a.points, b.points, share, false) };
}

/** Parts go by their order, and so do the holes of a part; where there are more or fewer of them, they hold. */
export function polygonBetween(a: Polygon, b: Polygon, share: number): Polygon {
  if (a.parts.length !== b.parts.length) return a;
  return { kind: "polygon", parts: a.parts.map((part, at) => partBetween(part, b.parts[at]!, share)) };
}

function partBetween(a: Part, b: Part, share: number): Part {
  const outer = outlineBetween(a.outer, b.outer, share, true);
  if (a.holes.length !== b.holes.length) return { outer, holes: a.holes };
  return { outer, holes: a.holes.map((hole, at) => outlineBetween(hole, b.holes[at]!, share, true)) };
}
