import type { Box, Geometry } from "./types";
import { boundsOf, movedBy } from "./bounds";

export interface Point {
  x: number;
  y: number;
}

/** Handles clockwise from the top left corner; -1 left/top, 0 middle, 1 right/bottom. */
export const HANDLES = [
  { x: -1, y: -1 },
  { x: 0, y: -1 },
  { x: 1, y: -1 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
  { x: -1, y: 1 },
  { x: -1, y: 0 },
] as const;

export const SMALLEST = 1;

export function centre(box: Box): Point {
  return { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 };
}

/** A point turned about another one, clockwise as seen. */
export function turned(point: Point, about: Point, degrees: number): Point {
  if (degrees === 0) return point;
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [point.x - about.x, point.y - about.y];
  return { x: about.x + dx * cos - dy * sin, y: about.y + dx * sin + dy * cos };
}

/** Where a handle lies, the box's turn applied. */
export function handlePoint(box: Box, handle: { x: number; y: number }): Point {
  const middle = centre(box);
  const [halfW, halfH] = [(box.x2 - box.x1) / 2, (box.y2 - box.y1) / 2];
  return turned({ x: middle.x + handle.x * halfW, y: middle.y + handle.y * halfH }, middle, box.rotation);
}

/** The four corners, clockwise from the top left one. */
export function corners(box: Box): Point[] {
  return [0, 2, 4, 6].map((at) => handlePoint(box, HANDLES[at]!));
}

export function contains(box: Box, point: Point, margin = 0): boolean {
  const p = turned(point, centre(box), -box.rotation);
  return p.x >= box.x1 - margin && p.x <= box.x2 + margin && p.y >= box.y1 - margin && p.y <= box.y2 + margin;
}

/** The index of the handle within `reach` of `point`, -1 if there is none. Corners win over edges. */
export function handleAt(box: Box, point: Point, reach: number): number {
  let best = -1;
  let nearest = reach;
  HANDLES.forEach((handle, at) => {
    const p = handlePoint(box, handle);
    const edge = handle.x === 0 || handle.y === 0 ? 1e-6 : 0;
    const distance = Math.max(Math.abs(p.x - point.x), Math.abs(p.y - point.y)) + edge;
    if (distance <= nearest) [best, nearest] = [at, distance];
  });
  return best;
}

/** The box with one handle dragged to `point`; the opposite edge or corner stays where it is, also when turned. */
export function resized(box: Box, handleIndex: number, point: Point): Box {
  const handle = HANDLES[handleIndex]!;
  const middle = centre(box);
  const local = turned(point, middle, -box.rotation);
  let { x1, y1, x2, y2 } = box;
  if (handle.x < 0) x1 = local.x;
  if (handle.x > 0) x2 = local.x;
  if (handle.y < 0) y1 = local.y;
  if (handle.y > 0) y2 = local.y;
  const now = upright(x1, y1, x2, y2);
  const moved = turned(centre({ ...box, ...now }), middle, box.rotation);
  const [halfW, halfH] = [(now.x2 - now.x1) / 2, (now.y2 - now.y1) / 2];
  return { ...box, x1: moved.x - halfW, y1: moved.y - halfH, x2: moved.x + halfW, y2: moved.y + halfH };
}

function upright(xa: number, ya: number, xb: number, yb: number): Pick<Box, "x1" | "y1" | "x2" | "y2"> {
  const [x1, x2] = [Math.min(xa, xb), Math.max(xa, xb)];
  const [y1, y2] = [Math.min(ya, yb), Math.max(ya, yb)];
  return { x1, y1, x2: Math.max(x2, x1 + SMALLEST), y2: Math.max(y2, y1 + SMALLEST) };
}

/** The box spanned by two points, cut to the picture. */
export function boxBetween(a: Point, b: Point, width: number, height: number): Box {
  const cut = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  const box = upright(cut(a.x, width), cut(a.y, height), cut(b.x, width), cut(b.y, height));
  return { kind: "bbox", ...box, rotation: 0 };
}

/** A turned box stays as it is; an upright one is cut to the picture, unless nothing would be left. */
export function cutToPicture(box: Box, width: number, height: number): Box {
  if (box.rotation !== 0) return box;
  const [x1, y1] = [Math.max(0, box.x1), Math.max(0, box.y1)];
  const [x2, y2] = [Math.min(width, box.x2), Math.min(height, box.y2)];
  return x2 - x1 < SMALLEST || y2 - y1 < SMALLEST ? box : { ...box, x1, y1, x2, y2 };
}

/** A moved shape pushed back so that it lies inside the picture, as it is where it fits; a turned box stays. */
export function pushedInside<Shape extends Geometry>(shape: Shape, width: number, height: number): Shape {
  const bounds = shape.kind === "bbox" && shape.rotation !== 0 ? null : boundsOf(shape);
  if (!bounds) return shape;
  const dx = Math.max(-bounds.x1, Math.min(0, width - bounds.x2));
  const dy = Math.max(-bounds.y1, Math.min(0, height - bounds.y2));
  return dx === 0 && dy === 0 ? shape : movedBy(shape, dx, dy);
}
