import type { Geometry, Pair } from "./types";
import { boundsOf } from "./bounds";
import type { Drawn } from "../render/render-shape";
import { contains, turned, type Point } from "./box-handles";

/** Whether a point lies on a shape, or within `margin` of it. */
export function hits({ geometry, edges }: Pick<Drawn, "geometry" | "edges">, p: Point, margin: number): boolean {
  switch (geometry.kind) {
    case "bbox":
      return contains(geometry, p, margin);
    case "polygon":
      return inBounds(geometry, p, margin) && onPolygon(geometry.parts.flatMap((part) => [part.outer, ...part.holes]), p, margin);
    case "polyline":
      return inBounds(geometry, p, margin) && nearLine(geometry.points, p, margin);
    case "line":
      return nearLine([[geometry.x1, geometry.y1], [geometry.x2, geometry.y2]], p, margin);
    case "points":
      return geometry.points.some(([x, y]) => Math.hypot(x - p.x, y - p.y) <= margin * 2);
    case "skeleton":
      return onSkeleton(geometry, edges, p, margin);
    case "circle":
      return Math.hypot(p.x - geometry.cx, p.y - geometry.cy) <= geometry.r + margin;
    case "ellipse": {
      const local = turned(p, { x: geometry.cx, y: geometry.cy }, -geometry.rotation);
      return Math.hypot((local.x - geometry.cx) / (geometry.rx + margin), (local.y - geometry.cy) / (geometry.ry + margin)) <= 1;
    }
    case "rpy":
      return Math.hypot(p.x - geometry.x, p.y - geometry.y) <= margin * 4;
    default:
      return inBounds(geometry, p, margin);
  }
}

/** How much of the picture a shape's rectangle takes: of several under the pointer, the smallest is meant. */
export function extent(geometry: Geometry): number {
  const bounds = boundsOf(geometry);
  return bounds ? (bounds.x2 - bounds.x1) * (bounds.y2 - bounds.y1) : Infinity;
}

function inBounds(geometry: Geometry, p: Point, margin: number): boolean {
  const bounds = boundsOf(geometry);
  if (!bounds) return false;
  return p.x >= bounds.x1 - margin && p.x <= bounds.x2 + margin && p.y >= bounds.y1 - margin && p.y <= bounds.y2 + margin;
}

function onPolygon(rings: readonly (readonly Pair[])[], p: Point, margin: number): boolean {
  let inside = false;
  for (const ring of rings) {
    if (ring.length > 0 && nearLine([...ring, ring[0]!], p, margin)) return true;
    ring.forEach(([x1, y1], at) => {
      const [x2, y2] = ring[(at + 1) % ring.length]!;
      if (y1 > p.y !== y2 > p.y && p.x < ((x2 - x1) * (p.y - y1)) / (y2 - y1) + x1) inside = !inside;
    });
  }
  return inside;
}

function onSkeleton(skeleton: Extract<Geometry, { kind: "skeleton" }>, edges: Drawn["edges"], p: Point, margin: number): boolean {
  const { keypoints } = skeleton;
  if (keypoints.some(({ x, y }) => Math.hypot(x - p.x, y - p.y) <= margin * 2)) return true;
  const places = new Map(keypoints.map(({ name, x, y }): [string, Pair] => [name, [x, y]]));
  return edges.some(([from, to]) => {
    const [a, b] = [places.get(from), places.get(to)];
    return a !== undefined && b !== undefined && nearLine([a, b], p, margin);
  });
}

function nearLine(points: readonly Pair[], p: Point, margin: number): boolean {
  for (let at = 1; at < points.length; at += 1) if (distance(points[at - 1]!, points[at]!, p) <= margin) return true;
  return false;
}

/** From a point to the nearest place of the line from `a` to `b`. */
function distance(a: Pair, b: Pair, p: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a[0]) * dx + (p.y - a[1]) * dy) / length));
  return Math.hypot(p.x - a[0] - along * dx, p.y - a[1] - along * dy);
}
