/** Points, segments and rings in the plane, shared by several kinds of shapes. */
import type { Transform } from "./kind";
import type { Bounds, Pair, Point, Size } from "./types";

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

export function mixPairs(from: readonly Pair[], to: readonly Pair[], share: number): Pair[] {
  return from.map(([x, y], at): Pair => [mix(x, to[at]![0], share), mix(y, to[at]![1], share)]);
}

export function movePairs(points: readonly Pair[], dx: number, dy: number): Pair[] {
  return points.map(([x, y]): Pair => [x + dx, y + dy]);
}

/** A point rotated about another one, clockwise as seen. */
export function rotated(point: Point, about: Point, degrees: number): Point {
  if (degrees === 0) return point;
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [point.x - about.x, point.y - about.y];
  return { x: about.x + dx * cos - dy * sin, y: about.y + dx * sin + dy * cos };
}

/** The bounds of all points; null without any. */
export function boundsOfPoints(...lists: (readonly Pair[])[]): Bounds | null {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const points of lists)
    for (const point of points) {
      const [x, y] = [point[0], point[1]];
      if (x < x1) x1 = x;
      if (x > x2) x2 = x;
      if (y < y1) y1 = y;
      if (y > y2) y2 = y;
    }
  return x1 <= x2 ? { x1, y1, x2, y2 } : null;
}

export function boundsAround(cx: number, cy: number, rx: number, ry: number): Bounds {
  return { x1: cx - rx, y1: cy - ry, x2: cx + rx, y2: cy + ry };
}

export function within(bounds: Bounds | null, p: Point, margin: number): boolean {
  if (!bounds) return false;
  return p.x >= bounds.x1 - margin && p.x <= bounds.x2 + margin && p.y >= bounds.y1 - margin && p.y <= bounds.y2 + margin;
}

/** The point of the segment from `a` to `b` that is nearest to `p`. */
export function nearestOn(a: Pair, b: Pair, p: Point): Point {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a[0]) * dx + (p.y - a[1]) * dy) / length));
  return { x: a[0] + along * dx, y: a[1] + along * dy };
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The nearest point of the image. */
export function clampedTo({ width, height }: Size, { x, y }: Point): Point {
  return { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
}

/** Whether `p` is within `margin` of a line through the points. */
export function nearLine(points: readonly Pair[], p: Point, margin: number): boolean {
  for (let at = 1; at < points.length; at += 1)
    if (distance(nearestOn(points[at - 1]!, points[at]!, p), p) <= margin) return true;
  return false;
}

/** Whether `p` is inside a ring, by crossings of a ray. */
export function insideRing(ring: readonly Pair[], p: Point): boolean {
  let inside = false;
  ring.forEach(([x1, y1], at) => {
    const [x2, y2] = ring[(at + 1) % ring.length]!;
    if (y1 > p.y !== y2 > p.y && p.x < ((x2 - x1) * (p.y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

/** Add a line through points to a path. */
export function traceLine(path: CanvasPath, points: readonly Pair[], view: Transform, closed: boolean): void {
  points.forEach(([px, py], at) => {
    const [x, y] = [view.x + px * view.scale, view.y + py * view.scale];
    if (at === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  if (closed) path.closePath();
}

/** Add an ellipse to a path. */
export function traceOval(path: CanvasPath, at: Point, rx: number, ry: number, rotation: number, view: Transform): void {
  const angle = (rotation * Math.PI) / 180;
  const [x, y] = [view.x + at.x * view.scale, view.y + at.y * view.scale];
  path.moveTo(x + rx * view.scale * Math.cos(angle), y + rx * view.scale * Math.sin(angle));
  path.ellipse(x, y, rx * view.scale, ry * view.scale, angle, 0, 2 * Math.PI);
  path.closePath();
}
