import { interpolateRotation, normalized } from "./angles";
import type { Handle, ShapeKind } from "./kind";
import { boundsOfPoints, mix, rotated, traceLine } from "./plane";
import type { Bounds, Box, Pair, Point } from "./types";

/** Handles clockwise from the top left corner; -1 left or top, 0 middle, 1 right or bottom. */
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
const CURSORS = ["nwse", "ns", "nesw", "ew", "nwse", "ns", "nesw", "ew"] as const;
const SMALLEST_SIDE = 1;

export const bbox: ShapeKind<Box> = {
  filled: true,
  bounds: (box) => (box.rotation === 0 ? box : boundsOfPoints(corners(box).map(({ x, y }): Pair => [x, y]))),
  hits: (box, point, margin) => contains(box, point, margin),
  path(path, box, view) {
    if (box.rotation !== 0) return traceLine(path, corners(box).map(({ x, y }): Pair => [x, y]), view, true);
    const [x, y] = [view.x + box.x1 * view.scale, view.y + box.y1 * view.scale];
    path.rect(x, y, (box.x2 - box.x1) * view.scale, (box.y2 - box.y1) * view.scale);
  },
  upright: (box) => (box.rotation === 0 ? box : null),
  tagAnchor: (box) => corners(box).reduce((a, b) => (b.y < a.y || (b.y === a.y && b.x < a.x) ? b : a)),
  move: (box, dx, dy) => ({ ...box, x1: box.x1 + dx, y1: box.y1 + dy, x2: box.x2 + dx, y2: box.y2 + dy }),
  mayLeave: (box) => box.rotation !== 0,
  interpolate: (a, b, share) => ({
    kind: "bbox",
    x1: mix(a.x1, b.x1, share),
    y1: mix(a.y1, b.y1, share),
    x2: mix(a.x2, b.x2, share),
    y2: mix(a.y2, b.y2, share),
    rotation: interpolateRotation(a.rotation, b.rotation, share),
  }),
  held: normalized,
  handles: (box) =>
    HANDLES.map((handle, at): Handle => {
      const ofEdge = handle.x === 0 || handle.y === 0;
      return { ...handlePoint(box, handle), cursor: `${CURSORS[at]}-resize`, vertex: false, ofEdge };
    }),
  dragHandle: resized,
  clip: clippedToImage,
};

export function centre(box: Bounds): Point {
  return { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 };
}

/** The position of a handle of a rotated box. */
export function handlePoint(box: Box, handle: { x: number; y: number }): Point {
  const middle = centre(box);
  const [halfW, halfH] = [(box.x2 - box.x1) / 2, (box.y2 - box.y1) / 2];
  return rotated({ x: middle.x + handle.x * halfW, y: middle.y + handle.y * halfH }, middle, box.rotation);
}

/** The four corners, clockwise from the top left one. */
function corners(box: Box): Point[] {
  return [0, 2, 4, 6].map((at) => handlePoint(box, HANDLES[at]!));
}

export function contains(box: Box, point: Point, margin = 0): boolean {
  const p = rotated(point, centre(box), -box.rotation);
  return p.x >= box.x1 - margin && p.x <= box.x2 + margin && p.y >= box.y1 - margin && p.y <= box.y2 + margin;
}

/** The box with one handle dragged to `point`; the opposite edge or corner does not move, also of a rotated box. */
export function resized(box: Box, handleIndex: number, point: Point): Box {
  const handle = HANDLES[handleIndex]!;
  const middle = centre(box);
  const local = rotated(point, middle, -box.rotation);
  let { x1, y1, x2, y2 } = box;
  if (handle.x < 0) x1 = local.x;
  if (handle.x > 0) x2 = local.x;
  if (handle.y < 0) y1 = local.y;
  if (handle.y > 0) y2 = local.y;
  const now = ordered(x1, y1, x2, y2);
  const moved = rotated(centre(now), middle, box.rotation);
  const [halfW, halfH] = [(now.x2 - now.x1) / 2, (now.y2 - now.y1) / 2];
  return { ...box, x1: moved.x - halfW, y1: moved.y - halfH, x2: moved.x + halfW, y2: moved.y + halfH };
}

function ordered(xa: number, ya: number, xb: number, yb: number): Bounds {
  const [x1, x2] = [Math.min(xa, xb), Math.max(xa, xb)];
  const [y1, y2] = [Math.min(ya, yb), Math.max(ya, yb)];
  return { x1, y1, x2: Math.max(x2, x1 + SMALLEST_SIDE), y2: Math.max(y2, y1 + SMALLEST_SIDE) };
}

/** The box spanned by two points, clipped to the image. */
export function boxBetween(a: Point, b: Point, width: number, height: number): Box {
  const cut = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  const box = ordered(cut(a.x, width), cut(a.y, height), cut(b.x, width), cut(b.y, height));
  return { kind: "bbox", ...box, rotation: 0 };
}

/** An upright box clipped to the image, unless nothing would be left; rotated boxes are not clipped. */
export function clippedToImage(box: Box, width: number, height: number): Box {
  if (box.rotation !== 0) return box;
  const [x1, y1] = [Math.max(0, box.x1), Math.max(0, box.y1)];
  const [x2, y2] = [Math.min(width, box.x2), Math.min(height, box.y2)];
  return x2 - x1 < SMALLEST_SIDE || y2 - y1 < SMALLEST_SIDE ? box : { ...box, x1, y1, x2, y2 };
}
