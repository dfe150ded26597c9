import { polygonBetween } from "./contours/interpolate";
import type { Handle, Insertion, Ring, ShapeKind } from "./kind";
import { boundsOfPoints, distance, insideRing, movePairs, nearestOn, nearLine, traceLine, within } from "./plane";
import { isSimple } from "./simple";
import type { Pair, Part, Point, Polygon } from "./types";

export const FEWEST_POINTS = 3;

export const polygon: ShapeKind<Polygon> = {
  filled: true,
  matchesContours: true,
  bounds: boundsOf,
  hits: (shape, point, margin) => within(boundsOf(shape), point, margin) && isOn(ringsOf(shape), point, margin),
  path(path, shape, view) {
    for (const ring of ringsOf(shape)) traceLine(path, ring, view, true);
  },
  move: (shape, dx, dy) => mapRings(shape, (ring) => movePairs(ring, dx, dy)),
  interpolate: polygonBetween,
  handles: (shape) => ringsOf(shape).flatMap((ring) => ring.map(([x, y]): Handle => ({ x, y, cursor: "move", vertex: true }))),
  dragHandle: (shape, handle, to) => withRing(shape, handle, (ring, at) => ring.with(at, [to.x, to.y])),
  insertionAt,
  removeHandle,
  isValid: (shape) => ringsOf(shape).every(isSimple),
};

/** All rings: of each part the outer one, then its holes. Handles are numbered in this order. */
function ringsOf({ parts }: Polygon): Ring[] {
  return parts.flatMap(({ outer, holes }) => [outer, ...holes]);
}

function boundsOf(shape: Polygon): ReturnType<typeof boundsOfPoints> {
  return boundsOfPoints(...shape.parts.map((part) => part.outer));
}

function isOn(rings: readonly Ring[], p: Point, margin: number): boolean {
  let inside = false;
  for (const ring of rings) {
    if (ring.length > 0 && nearLine([...ring, ring[0]!], p, margin)) return true;
    if (insideRing(ring, p)) inside = !inside;
  }
  return inside;
}

function mapRings(shape: Polygon, change: (ring: Pair[], at: number) => Pair[]): Polygon {
  let at = 0;
  const parts = shape.parts.map(({ outer, holes }): Part => {
    const changed = change(outer, at++);
    return { outer: changed, holes: holes.map((hole) => change(hole, at++)) };
  });
  return { ...shape, parts };
}

/** The ring of a handle, and its index there. */
function locate(shape: Polygon, handle: number): [number, number] {
  let at = handle;
  const rings = ringsOf(shape);
  const ring = rings.findIndex((ring) => {
    if (at < ring.length) return true;
    at -= ring.length;
    return false;
  });
  return [ring, at];
}

function withRing(shape: Polygon, handle: number, change: (ring: Pair[], at: number) => Pair[]): Polygon {
  const [ringIndex, at] = locate(shape, handle);
  return mapRings(shape, (ring, index) => (index === ringIndex ? change(ring, at) : ring));
}

/** The nearest point on any ring within `reach`. */
function insertionAt(shape: Polygon, point: Point, reach: number): Insertion<Polygon> | null {
  let best: { at: Point; handle: number } | null = null;
  let nearest = reach;
  let handle = 0;
  for (const ring of ringsOf(shape))
    ring.forEach((from, index) => {
      const at = nearestOn(from, ring[(index + 1) % ring.length]!, point);
      const away = distance(at, point);
      if (away <= nearest) [best, nearest] = [{ at, handle }, away];
      handle += 1;
    });
  return best && insertedAfter(shape, best);
}

function insertedAfter(shape: Polygon, { at, handle }: { at: Point; handle: number }): Insertion<Polygon> {
  return { at, handle: handle + 1, shape: withRing(shape, handle, (ring, index) => ring.toSpliced(index + 1, 0, [at.x, at.y])) };
}

/** The polygon without a vertex; a ring of three vertices is removed, unless it is the last one. */
function removeHandle(shape: Polygon, handle: number): Polygon | null {
  const [ringIndex, at] = locate(shape, handle);
  const ring = ringsOf(shape)[ringIndex];
  if (!ring) return null;
  if (ring.length > FEWEST_POINTS) return withRing(shape, handle, (vertices) => vertices.toSpliced(at, 1));
  let index = 0;
  const parts: Part[] = [];
  for (const { outer, holes } of shape.parts) {
    const keepsOuter = index++ !== ringIndex;
    const remaining = holes.filter(() => index++ !== ringIndex);
    if (keepsOuter) parts.push({ outer, holes: remaining });
  }
  return parts.length > 0 ? { ...shape, parts } : null;
}

export function polygonOf(outer: Pair[]): Polygon {
  return { kind: "polygon", parts: [{ outer, holes: [] }] };
}

export function withPart(shape: Polygon, outer: Pair[]): Polygon {
  return { ...shape, parts: [...shape.parts, { outer, holes: [] }] };
}

/** The polygon with a hole in the part that contains all of it; null if no part does. */
export function withHole(shape: Polygon, hole: Pair[]): Polygon | null {
  const contains = ({ outer }: Part): boolean => hole.every(([x, y]) => insideRing(outer, { x, y }));
  const partIndex = shape.parts.findIndex(contains);
  if (partIndex < 0) return null;
  const part = shape.parts[partIndex]!;
  return { ...shape, parts: shape.parts.with(partIndex, { ...part, holes: [...part.holes, hole] }) };
}
