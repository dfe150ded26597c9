import { axes } from "./pose";
import type { Angles, Geometry, Pair } from "./types";
import { boundsOf } from "./bounds";
import type { Drawn } from "../render/render-shape";
import { corners } from "./box-handles";
import type { View } from "../render/viewport";

const ARROW = 38;
const HEAD = 9;
const UP = 16;
/** The edges of a cuboid beside its front face: those of the back, and those between the two. */
const DEPTH_EDGES = [[4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]] as const;

/** The kinds that cover an area, which is filled when they are at hand. */
export const AREAS: ReadonlySet<Geometry["kind"]> = new Set(["bbox", "polygon", "circle", "ellipse"]);

/** Add a shape's lines to a path, in CSS pixels. Dots and bitmaps are not lines. */
export function trace(path: CanvasPath, { geometry, edges }: Pick<Drawn, "geometry" | "edges">, view: View): void {
  switch (geometry.kind) {
    case "bbox":
      return traceBox(path, geometry, view);
    case "polygon":
      for (const { outer, holes } of geometry.parts) {
        traceLine(path, outer, view, true);
        for (const hole of holes) traceLine(path, hole, view, true);
      }
      return;
    case "polyline":
      return traceLine(path, geometry.points, view, false);
    case "line":
      return traceLine(path, [[geometry.x1, geometry.y1], [geometry.x2, geometry.y2]], view, false);
    case "circle":
      return traceOval(path, geometry.cx, geometry.cy, geometry.r, geometry.r, 0, view);
    case "ellipse":
      return traceOval(path, geometry.cx, geometry.cy, geometry.rx, geometry.ry, geometry.rotation, view);
    case "cuboid":
      return traceCuboid(path, geometry.points, view);
    case "skeleton": {
      const places = new Map(geometry.keypoints.map(({ name, x, y }): [string, Pair] => [name, [x, y]]));
      for (const [from, to] of edges) {
        const [a, b] = [places.get(from), places.get(to)];
        if (a && b) traceLine(path, [a, b], view, false);
      }
      return;
    }
    case "rpy":
      return traceArrow(path, geometry.x, geometry.y, geometry.angles, view);
    default:
      return;
  }
}

function traceBox(path: CanvasPath, box: Extract<Geometry, { kind: "bbox" }>, view: View): void {
  if (box.rotation !== 0) return traceLine(path, corners(box).map(({ x, y }): Pair => [x, y]), view, true);
  const [x, y] = [view.x + box.x1 * view.scale, view.y + box.y1 * view.scale];
  path.rect(x, y, (box.x2 - box.x1) * view.scale, (box.y2 - box.y1) * view.scale);
}

function traceLine(path: CanvasPath, points: readonly Pair[], view: View, closed: boolean): void {
  points.forEach(([px, py], at) => {
    const [x, y] = [view.x + px * view.scale, view.y + py * view.scale];
    if (at === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  if (closed) path.closePath();
}

function traceOval(path: CanvasPath, cx: number, cy: number, rx: number, ry: number, rotation: number, view: View): void {
  const angle = (rotation * Math.PI) / 180;
  const [x, y] = [view.x + cx * view.scale, view.y + cy * view.scale];
  path.moveTo(x + rx * view.scale * Math.cos(angle), y + rx * view.scale * Math.sin(angle));
  path.ellipse(x, y, rx * view.scale, ry * view.scale, angle, 0, 2 * Math.PI);
  path.closePath();
}

function traceCuboid(path: CanvasPath, points: readonly Pair[], view: View): void {
  traceLine(path, points.slice(0, 4), view, true);
  for (const [from, to] of DEPTH_EDGES) {
    const [a, b] = [points[from], points[to]];
    if (a && b) traceLine(path, [a, b], view, false);
  }
}

/** An arrow to where the front points, and a short line to where the upper side does. */
function traceArrow(path: CanvasPath, px: number, py: number, angles: Angles, view: View): void {
  const [x, y] = [view.x + px * view.scale, view.y + py * view.scale];
  const { front, up } = axes(angles);
  const [tipX, tipY] = [x + front[0] * ARROW, y + front[1] * ARROW];
  path.moveTo(x + up[0] * UP, y + up[1] * UP);
  path.lineTo(x, y);
  path.lineTo(tipX, tipY);
  const length = Math.hypot(...front);
  if (length * ARROW < HEAD) return;
  const angle = Math.atan2(front[1], front[0]);
  for (const side of [-0.45, 0.45]) {
    path.moveTo(tipX, tipY);
    path.lineTo(tipX - HEAD * Math.cos(angle + side), tipY - HEAD * Math.sin(angle + side));
  }
}

/** The arrow of a box's or polygon's turn in space, from its middle. */
export function traceTurn(path: CanvasPath, { geometry, rpy }: Pick<Drawn, "geometry" | "rpy">, view: View): void {
  const bounds = rpy && boundsOf(geometry);
  if (bounds) traceArrow(path, (bounds.x1 + bounds.x2) / 2, (bounds.y1 + bounds.y2) / 2, rpy, view);
}

export interface Dot {
  x: number;
  y: number;
  name: string;
  /** A hidden one is hollow. */
  filled: boolean;
}

/** The dots of a shape, in picture pixels: points, joints, and named points on a box or polygon. */
export function dotsOf({ geometry, keypoints }: Pick<Drawn, "geometry" | "keypoints">): Dot[] {
  const named = geometry.kind === "skeleton" ? [...geometry.keypoints, ...keypoints] : keypoints;
  const dots = named.map(({ x, y, name, visible }) => ({ x, y, name, filled: visible }));
  if (geometry.kind === "points") for (const [x, y] of geometry.points) dots.push({ x, y, name: "", filled: true });
  if (geometry.kind === "rpy") dots.push({ x: geometry.x, y: geometry.y, name: "", filled: true });
  return dots;
}
