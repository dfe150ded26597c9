import type { Geometry, Keypoint, Pair } from "./types";

/** A rectangle along the axes. */
export interface Bounds {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** The four corners of a rectangle turned by `rotation` degrees about its centre, clockwise from the top left one. */
function turnedCorners(cx: number, cy: number, halfW: number, halfH: number, rotation: number): Pair[] {
  const angle = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const at = (x: number, y: number): Pair => [cx + x * cos - y * sin, cy + x * sin + y * cos];
  return [at(-halfW, -halfH), at(halfW, -halfH), at(halfW, halfH), at(-halfW, halfH)];
}

const nowhere = (): Bounds => ({ x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity });

function around(points: readonly Pair[], bounds = nowhere()): Bounds | null {
  for (const point of points) {
    const [x, y] = [point[0], point[1]];
    if (x < bounds.x1) bounds.x1 = x;
    if (x > bounds.x2) bounds.x2 = x;
    if (y < bounds.y1) bounds.y1 = y;
    if (y > bounds.y2) bounds.y2 = y;
  }
  return bounds.x1 <= bounds.x2 ? bounds : null;
}

function aroundAll(outlines: readonly { outer: readonly Pair[] }[]): Bounds | null {
  const bounds = nowhere();
  for (const { outer } of outlines) around(outer, bounds);
  return bounds.x1 <= bounds.x2 ? bounds : null;
}

function aroundCentre(cx: number, cy: number, rx: number, ry: number): Bounds {
  return { x1: cx - rx, y1: cy - ry, x2: cx + rx, y2: cy + ry };
}

/** What a shape covers; null where it covers no place of its own, as a label of the whole picture. */
export function boundsOf(shape: Geometry): Bounds | null {
  switch (shape.kind) {
    case "bbox": {
      if (shape.rotation === 0) return shape;
      const [halfW, halfH] = [(shape.x2 - shape.x1) / 2, (shape.y2 - shape.y1) / 2];
      return around(turnedCorners((shape.x1 + shape.x2) / 2, (shape.y1 + shape.y2) / 2, halfW, halfH, shape.rotation));
    }
    case "polygon":
      return aroundAll(shape.parts);
    case "polyline":
    case "points":
    case "cuboid":
      return around(shape.points);
    case "skeleton":
      return around(shape.keypoints.map(({ x, y }): Pair => [x, y]));
    case "bitmap":
      return { x1: shape.x, y1: shape.y, x2: shape.x + shape.width, y2: shape.y + shape.height };
    case "circle":
      return aroundCentre(shape.cx, shape.cy, shape.r, shape.r);
    case "ellipse": {
      const angle = (shape.rotation * Math.PI) / 180;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const reachX = Math.hypot(shape.rx * cos, shape.ry * sin);
      return aroundCentre(shape.cx, shape.cy, reachX, Math.hypot(shape.rx * sin, shape.ry * cos));
    }
    case "line":
      return around([
        [shape.x1, shape.y1],
        [shape.x2, shape.y2],
      ]);
    case "rpy":
      return { x1: shape.x, y1: shape.y, x2: shape.x, y2: shape.y };
    default:
      return null;
  }
}

/** A shape moved by pixels; a bitmap by whole ones. */
export function movedBy<Shape extends Geometry>(shape: Shape, dx: number, dy: number): Shape;
export function movedBy(shape: Geometry, dx: number, dy: number): Geometry {
  const by = ([x, y]: Pair): Pair => [x + dx, y + dy];
  switch (shape.kind) {
    case "bbox":
    case "line":
      return { ...shape, x1: shape.x1 + dx, y1: shape.y1 + dy, x2: shape.x2 + dx, y2: shape.y2 + dy };
    case "polygon":
      return {
        ...shape,
        parts: shape.parts.map(({ outer, holes }) => ({ outer: outer.map(by), holes: holes.map((hole) => hole.map(by)) })),
      };
    case "polyline":
    case "points":
    case "cuboid":
      return { ...shape, points: shape.points.map(by) };
    case "skeleton":
      return { ...shape, keypoints: keypointsMovedBy(shape.keypoints, dx, dy) };
    case "bitmap":
      return { ...shape, x: shape.x + Math.round(dx), y: shape.y + Math.round(dy) };
    case "circle":
    case "ellipse":
      return { ...shape, cx: shape.cx + dx, cy: shape.cy + dy };
    case "rpy":
      return { ...shape, x: shape.x + dx, y: shape.y + dy };
    default:
      return shape;
  }
}

export function keypointsMovedBy(keypoints: readonly Keypoint[], dx: number, dy: number): Keypoint[] {
  return keypoints.map((point) => ({ ...point, x: point.x + dx, y: point.y + dy }));
}

/** Keypoints that keep their place on a shape that was moved, or made larger or smaller. */
export function carriedAlong(keypoints: readonly Keypoint[], was: Geometry, now: Geometry): Keypoint[] {
  const [a, b] = [boundsOf(was), boundsOf(now)];
  if (!a || !b || keypoints.length === 0) return [...keypoints];
  const scaleX = a.x2 > a.x1 ? (b.x2 - b.x1) / (a.x2 - a.x1) : 1;
  const scaleY = a.y2 > a.y1 ? (b.y2 - b.y1) / (a.y2 - a.y1) : 1;
  return keypoints.map((point) => ({ ...point, x: b.x1 + (point.x - a.x1) * scaleX, y: b.y1 + (point.y - a.y1) * scaleY }));
}
