import { boundsOf, dotsOf, handlesOf, isDashed, isFilled, overhangOf, rasterOf, trace, uprightOf } from "../shapes/registry";
import type { Dot, Transform } from "../shapes/kind";
import { traceArrow } from "../shapes/rpy";
import type { Point, Size } from "../shapes/types";
import { DASH, LINE, paintDashed, paintUpright } from "./boxes";
import { maskImage } from "./masks";
import { PALETTE } from "./palette";
import type { RenderShape } from "./render-shape";
import type { OverlayDot } from "./scene";
import { paintPointName, paintTag } from "./tags";

/** With more shapes than this on a frame, edges get fewer and longer dashes, and lines that are not straight are thin. */
const MANY = 300;
/** With more shapes than this, dashes are not discernible: interpolated shapes are thin and pale instead. */
const CROWD = 1500;
const PALE = 0.7;
const FEW_DASHES = 3;
const MOST_DASHES = 200;
const NO_DASH: number[] = [];
/** The dashes of a shape that is itself dashed. */
const DOTTED = [14, 6];
const DOT = 4;
const HANDLE = 7;
const VERTEX = 3.5;
/** With more shapes than this on a frame their names would cover the image. */
const MOST_TAGS = 80;

type Context = CanvasRenderingContext2D;

/** The shapes that are at least partly visible on a screen of this size. */
export function onScreen(shapes: readonly RenderShape[], view: Transform, { width, height }: Size): RenderShape[] {
  const [left, top] = [-view.x / view.scale, -view.y / view.scale];
  const [right, bottom] = [left + width / view.scale, top + height / view.scale];
  const dots = 2 * LINE * DOT;
  return shapes.filter(({ geometry }) => {
    const bounds = boundsOf(geometry);
    if (!bounds) return false;
    const reach = Math.max(dots, overhangOf(geometry)) / view.scale;
    return bounds.x2 + reach >= left && bounds.x1 - reach <= right && bounds.y2 + reach >= top && bounds.y1 - reach <= bottom;
  });
}

/** Paint all shapes: keyframes solid, others dashed. */
export function paintShapes(context: Context, shapes: readonly RenderShape[], view: Transform): void {
  const many = shapes.length > MANY;
  const crowd = shapes.length > CROWD;
  for (const shape of shapes) {
    const { geometry, solid } = shape;
    const upright = uprightOf(geometry);
    context.fillStyle = context.strokeStyle = shape.color;
    context.globalAlpha = many && !solid && (crowd || !upright) ? PALE : 1;
    if (!upright) paintLines(context, shape, view, many);
    else if (solid || crowd) paintUpright(context, upright, view, solid ? LINE : 1);
    else paintDashed(context, upright, view, many ? FEW_DASHES : MOST_DASHES);
    paintDots(context, shape, allDots(shape), view);
  }
  context.globalAlpha = 1;
  if (shapes.length <= MOST_TAGS) for (const shape of shapes) paintTag(context, shape, view);
}

function paintLines(context: Context, shape: RenderShape, view: Transform, many: boolean): void {
  if (paintMask(context, shape, view)) return;
  // Without a GPU, 5,000 outlines of 16 points take a third of the time when they are one pixel wide.
  context.lineWidth = many ? 1 : LINE;
  context.setLineDash(dashOf(shape, many));
  context.beginPath();
  trace(context, shape.geometry, view, shape.edges);
  context.stroke();
  context.setLineDash(NO_DASH);
}

/** With many shapes, interpolated ones are paler: dashes of thin lines are hardly visible. */
function dashOf({ geometry, solid }: RenderShape, many: boolean): number[] {
  if (isDashed(geometry)) return DOTTED;
  return solid || many ? NO_DASH : DASH;
}

/** Draw a shape that consists of pixels. Returns whether it is one. */
function paintMask(context: Context, { geometry, color, solid }: RenderShape, view: Transform): boolean {
  const raster = rasterOf(geometry);
  if (raster === undefined) return false;
  const bounds = boundsOf(geometry);
  if (!bounds) return true;
  const [x, y] = [view.x + bounds.x1 * view.scale, view.y + bounds.y1 * view.scale];
  const [w, h] = [(bounds.x2 - bounds.x1) * view.scale, (bounds.y2 - bounds.y1) * view.scale];
  context.imageSmoothingEnabled = view.scale < 1;
  context.globalAlpha = solid ? 1 : 0.75;
  if (raster) context.drawImage(maskImage(raster, color), x, y, w, h);
  else context.strokeRect(x, y, w, h);
  context.globalAlpha = 1;
  return true;
}

/** The dots of a shape: its own points, and keypoints on a box or polygon. */
function allDots({ geometry, keypoints }: RenderShape): Dot[] {
  const named = keypoints.map(({ x, y, name, visible }): Dot => ({ x, y, name, filled: visible }));
  return [...dotsOf(geometry), ...named];
}

function paintDots(context: Context, shape: RenderShape, dots: readonly Dot[], view: Transform): void {
  if (dots.length === 0) return;
  context.fillStyle = context.strokeStyle = shape.color;
  context.lineWidth = 1.5;
  for (const { x, y, filled } of dots) {
    context.beginPath();
    context.arc(view.x + x * view.scale, view.y + y * view.scale, filled ? DOT : DOT - 0.75, 0, 2 * Math.PI);
    if (filled) context.fill();
    else context.stroke();
  }
}

/** A selected or hovered shape: filled faintly, with a stronger line and, if `activeHandle` is a number, its handles. */
export function paintActive(
  context: Context,
  shape: RenderShape,
  view: Transform,
  activeHandle: number | null,
): void {
  const path = new Path2D();
  trace(path, shape.geometry, view, shape.edges);
  traceRotation(path, shape, view);
  if (isFilled(shape.geometry)) fillArea(context, shape, view);
  const width = activeHandle === null ? 2 : 2.5;
  // A dark rim keeps the line visible on an image of the same color.
  context.lineWidth = width + 2;
  context.strokeStyle = PALETTE.rim;
  context.stroke(path);
  context.lineWidth = width;
  context.strokeStyle = shape.color;
  context.setLineDash(dashOf(shape, false));
  context.stroke(path);
  context.setLineDash(NO_DASH);
  if (paintMask(context, shape, view) && activeHandle !== null) paintFrame(context, shape, view);
  const dots = allDots(shape);
  paintDots(context, shape, dots, view);
  for (const { x, y, name } of dots)
    paintPointName(context, name, { x: view.x + x * view.scale + 7, y: view.y + y * view.scale });
  if (shape.tag) paintTag(context, shape, view);
  if (activeHandle !== null) paintHandles(context, shape, view, activeHandle);
}

/** The arrow of a box's or polygon's rotation in space, from its center. */
function traceRotation(path: Path2D, { geometry, rpy }: RenderShape, view: Transform): void {
  const bounds = rpy && boundsOf(geometry);
  if (bounds) traceArrow(path, { x: (bounds.x1 + bounds.x2) / 2, y: (bounds.y1 + bounds.y2) / 2 }, rpy, view);
}

/** Holes are not filled. */
function fillArea(context: Context, shape: RenderShape, view: Transform): void {
  const area = new Path2D();
  trace(area, shape.geometry, view, shape.edges);
  context.globalAlpha = 0.14;
  context.fillStyle = shape.color;
  context.fill(area, "evenodd");
  context.globalAlpha = 1;
}

/** The bounds of a selected bitmap. */
function paintFrame(context: Context, shape: RenderShape, view: Transform): void {
  const bounds = boundsOf(shape.geometry);
  if (!bounds) return;
  const [x, y] = [view.x + bounds.x1 * view.scale, view.y + bounds.y1 * view.scale];
  context.lineWidth = 1;
  context.setLineDash(DASH);
  context.strokeRect(x, y, (bounds.x2 - bounds.x1) * view.scale, (bounds.y2 - bounds.y1) * view.scale);
  context.setLineDash(NO_DASH);
}

function paintHandles(context: Context, shape: RenderShape, view: Transform, active: number): void {
  context.strokeStyle = PALETTE.ink;
  context.lineWidth = 1;
  handlesOf(shape.geometry).forEach((handle, at) => {
    const [x, y] = [Math.round(view.x + handle.x * view.scale), Math.round(view.y + handle.y * view.scale)];
    context.fillStyle = at === active ? shape.color : PALETTE.light;
    context.beginPath();
    if (handle.vertex) context.arc(x, y, at === active ? VERTEX + 1.5 : VERTEX, 0, 2 * Math.PI);
    else context.rect(x - HANDLE / 2, y - HANDLE / 2, HANDLE, HANDLE);
    context.fill();
    context.stroke();
  });
}

/** The vertices of an unfinished shape, and the preview of an inserted one. */
export function paintOverlayDots(context: Context, dots: readonly OverlayDot[], view: Transform): void {
  context.strokeStyle = PALETTE.ink;
  context.fillStyle = PALETTE.light;
  context.lineWidth = 1;
  for (const { x, y, active } of dots) {
    context.beginPath();
    context.arc(view.x + x * view.scale, view.y + y * view.scale, active ? VERTEX + 2 : VERTEX, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** Two thin lines through the pointer, for placing edges precisely. */
export function paintCrosshair(context: Context, { x, y }: Point, { width, height }: Size): void {
  context.strokeStyle = PALETTE.crosshair;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, 0);
  context.lineTo(Math.round(x) + 0.5, height);
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(width, Math.round(y) + 0.5);
  context.stroke();
}
