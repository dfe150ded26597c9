import { boundsOf } from "../shapes/bounds";
import { DASH, LINE, paintDashed, paintUpright } from "./boxes";
import type { Drawn } from "./render-shape";
import { HANDLES, handlePoint } from "../shapes/box-handles";
import { maskPicture } from "./masks";
import { AREAS, dotsOf, trace, traceTurn } from "../shapes/paths";
import { paintPointName, paintTag } from "./tags";
import type { View } from "./viewport";

/** With more shapes than this on a frame, edges get fewer and longer dashes, and lines that are not straight are thin. */
const MANY = 300;
/** With more than this, dashes are not told apart any more: computed shapes are thin and pale instead. */
const CROWD = 1500;
const PALE = 0.7;
const FEW_DASHES = 3;
const MOST_DASHES = 200;
const NO_DASH: number[] = [];
/** A line that is dashed by itself, whatever the frame. */
const DOTTED = [14, 6];
const DOT = 4;
const RIM = "rgb(11 16 22 / 55%)";
/** With more shapes than this on a frame their names would cover the picture. */
const MOST_TAGS = 80;

type Context = CanvasRenderingContext2D;

/** The shapes of which something lies on a screen of this size. */
export function onScreen(shapes: readonly Drawn[], view: View, width: number, height: number): Drawn[] {
  const [left, top] = [-view.x / view.scale, -view.y / view.scale];
  const [right, bottom] = [left + width / view.scale, top + height / view.scale];
  // Arrows and dots reach beyond their place.
  const reach = 2 * LINE * DOT;
  return shapes.filter(({ geometry }) => {
    const bounds = boundsOf(geometry);
    if (!bounds) return false;
    const spare = geometry.kind === "rpy" ? Infinity : reach / view.scale;
    return bounds.x2 + spare >= left && bounds.x1 - spare <= right && bounds.y2 + spare >= top && bounds.y1 - spare <= bottom;
  });
}

/** All shapes at once, those that a person set on this frame solid, others dashed. */
export function paintShapes(context: Context, shapes: readonly Drawn[], view: View): void {
  const many = shapes.length > MANY;
  const crowd = shapes.length > CROWD;
  for (const shape of shapes) {
    const { geometry, solid } = shape;
    context.fillStyle = context.strokeStyle = shape.color;
    context.globalAlpha = many && !solid && (crowd || geometry.kind !== "bbox") ? PALE : 1;
    if (geometry.kind !== "bbox" || geometry.rotation !== 0) paintLines(context, shape, view, many);
    else if (solid || crowd) paintUpright(context, geometry, view, solid ? LINE : 1);
    else paintDashed(context, geometry, view, many ? FEW_DASHES : MOST_DASHES);
    paintDots(context, shape, view);
  }
  context.globalAlpha = 1;
  if (shapes.length <= MOST_TAGS) for (const shape of shapes) paintTag(context, shape, view);
}

function paintLines(context: Context, shape: Drawn, view: View, many: boolean): void {
  if (shape.geometry.kind === "bitmap") return paintMask(context, shape, view);
  // Without a GPU, 5,000 outlines of 16 points take a third of the time when they are one pixel wide.
  context.lineWidth = many ? 1 : LINE;
  context.setLineDash(dashOf(shape, many));
  context.beginPath();
  trace(context, shape, view);
  context.stroke();
  context.setLineDash(NO_DASH);
}

/** Among many, computed shapes are told apart by their shade: dashes of thin lines are hardly seen. */
function dashOf({ geometry, solid }: Drawn, many: boolean): number[] {
  if (geometry.kind === "line" && geometry.dashed) return DOTTED;
  return solid || many ? NO_DASH : DASH;
}

function paintMask(context: Context, { geometry, color, solid }: Drawn, view: View): void {
  if (geometry.kind !== "bitmap") return;
  const [x, y] = [view.x + geometry.x * view.scale, view.y + geometry.y * view.scale];
  const [w, h] = [geometry.width * view.scale, geometry.height * view.scale];
  const picture = maskPicture(geometry, color);
  context.imageSmoothingEnabled = view.scale < 1;
  context.globalAlpha = solid ? 1 : 0.75;
  if (picture) context.drawImage(picture, x, y, w, h);
  else context.strokeRect(x, y, w, h);
  context.globalAlpha = 1;
}

function paintDots(context: Context, shape: Drawn, view: View): void {
  const dots = dotsOf(shape);
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

/** The shape at hand: filled a little, with a stronger line and, if it may be changed, its handles. */
export function paintActive(context: Context, shape: Drawn, view: View, handles: boolean): void {
  const path = new Path2D();
  trace(path, shape, view);
  traceTurn(path, shape, view);
  if (AREAS.has(shape.geometry.kind)) fillArea(context, shape, view);
  const width = handles ? 2.5 : 2;
  // A dark rim tells the line from a picture of the same colour.
  context.lineWidth = width + 2;
  context.strokeStyle = RIM;
  context.stroke(path);
  context.lineWidth = width;
  context.strokeStyle = shape.color;
  context.setLineDash(dashOf(shape, false));
  context.stroke(path);
  context.setLineDash(NO_DASH);
  if (shape.geometry.kind === "bitmap") paintFrame(context, shape, view, handles);
  paintDots(context, shape, view);
  for (const { x, y, name } of dotsOf(shape)) paintPointName(context, name, view.x + x * view.scale + 7, view.y + y * view.scale);
  paintTag(context, shape, view);
  if (handles) paintHandles(context, shape, view);
}

/** What is cut out of a polygon is not filled. */
function fillArea(context: Context, shape: Drawn, view: View): void {
  const area = new Path2D();
  trace(area, shape, view);
  context.globalAlpha = 0.14;
  context.fillStyle = shape.color;
  context.fill(area, "evenodd");
  context.globalAlpha = 1;
}

/** A bitmap at hand, with its rectangle. */
function paintFrame(context: Context, shape: Drawn, view: View, selected: boolean): void {
  const bounds = boundsOf(shape.geometry);
  paintMask(context, shape, view);
  if (!bounds || !selected) return;
  const [x, y] = [view.x + bounds.x1 * view.scale, view.y + bounds.y1 * view.scale];
  context.lineWidth = 1;
  context.setLineDash(DASH);
  context.strokeRect(x, y, (bounds.x2 - bounds.x1) * view.scale, (bounds.y2 - bounds.y1) * view.scale);
  context.setLineDash(NO_DASH);
}

/** Only boxes can be pulled at handles. */
function paintHandles(context: Context, { geometry }: Drawn, view: View): void {
  if (geometry.kind !== "bbox") return;
  context.fillStyle = "#fff";
  context.strokeStyle = "#0b1016";
  context.lineWidth = 1;
  for (const handle of HANDLES) {
    const p = handlePoint(geometry, handle);
    const [x, y] = [Math.round(view.x + p.x * view.scale), Math.round(view.y + p.y * view.scale)];
    context.fillRect(x - 3.5, y - 3.5, 7, 7);
    context.strokeRect(x - 3.5, y - 3.5, 7, 7);
  }
}

/** Two thin lines through the pointer, for drawing edges where they belong. */
export function paintCrosshair(context: Context, x: number, y: number, width: number, height: number): void {
  context.strokeStyle = "rgb(255 255 255 / 55%)";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, 0);
  context.lineTo(Math.round(x) + 0.5, height);
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(width, Math.round(y) + 0.5);
  context.stroke();
}
