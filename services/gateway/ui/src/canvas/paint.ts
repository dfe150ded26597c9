import type { Box } from "../core/labels";
import { corners, HANDLES, handlePoint } from "./geometry";
import type { View } from "./view";

/** A box as it is drawn on the frame that is looked at. */
export interface Drawn {
  id: string;
  box: Box;
  key: boolean;
  occluded: boolean;
  locked: boolean;
  color: string;
  tag: string;
}

const DASH = [7, 5];
const NO_DASH: number[] = [];
/** With more shapes than this on a frame their names would cover the picture. */
const MOST_TAGS = 80;
const TAG_FONT = "500 11px system-ui, 'Noto Sans CJK TC', sans-serif";

type Context = CanvasRenderingContext2D;

/** Add a box's outline to a path, in CSS pixels. */
function trace(path: Path2D, box: Box, view: View): void {
  if (box.rotation === 0) {
    const [x, y] = [view.x + box.x1 * view.scale, view.y + box.y1 * view.scale];
    path.rect(x, y, (box.x2 - box.x1) * view.scale, (box.y2 - box.y1) * view.scale);
    return;
  }
  corners(box).forEach((p, at) => {
    const [x, y] = [view.x + p.x * view.scale, view.y + p.y * view.scale];
    if (at === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  path.closePath();
}

/** All shapes at once: one path for each colour and line kind, key frames solid, computed ones dashed. */
export function paintShapes(context: Context, shapes: readonly Drawn[], view: View): void {
  const solid = new Map<string, Path2D>();
  const dashed = new Map<string, Path2D>();
  for (const shape of shapes) {
    const paths = shape.key ? solid : dashed;
    let path = paths.get(shape.color);
    if (!path) paths.set(shape.color, (path = new Path2D()));
    trace(path, shape.box, view);
  }
  context.lineWidth = 1.75;
  for (const [paths, dash] of [[solid, NO_DASH], [dashed, DASH]] as const) {
    context.setLineDash(dash);
    for (const [color, path] of paths) {
      context.strokeStyle = color;
      context.stroke(path);
    }
  }
  context.setLineDash(NO_DASH);
  if (shapes.length <= MOST_TAGS) for (const shape of shapes) paintTag(context, shape, view);
}

/** The name of a shape, on a patch of its colour above its top left corner. */
export function paintTag(context: Context, shape: Drawn, view: View): void {
  const top = corners(shape.box).reduce((a, b) => (b.y < a.y || (b.y === a.y && b.x < a.x) ? b : a));
  const x = view.x + top.x * view.scale - 1;
  const y = view.y + top.y * view.scale - 17;
  context.font = TAG_FONT;
  const width = context.measureText(shape.tag).width + 10;
  context.globalAlpha = 0.88;
  context.fillStyle = shape.color;
  context.fillRect(x, y, width, 16);
  context.globalAlpha = 1;
  context.fillStyle = readableOn(shape.color);
  context.textBaseline = "middle";
  context.fillText(shape.tag, x + 5, y + 8.5);
}

/** The shape at hand: filled a little, with a stronger line and, if it may be changed, its handles. */
export function paintActive(context: Context, shape: Drawn, view: View, handles: boolean): void {
  const path = new Path2D();
  trace(path, shape.box, view);
  context.globalAlpha = 0.14;
  context.fillStyle = shape.color;
  context.fill(path);
  context.globalAlpha = 1;
  context.lineWidth = handles ? 2.5 : 2;
  context.strokeStyle = shape.color;
  context.setLineDash(shape.key ? NO_DASH : DASH);
  context.stroke(path);
  context.setLineDash(NO_DASH);
  paintTag(context, shape, view);
  if (handles) paintHandles(context, shape, view);
}

function paintHandles(context: Context, shape: Drawn, view: View): void {
  context.fillStyle = "#fff";
  context.strokeStyle = "#0b1016";
  context.lineWidth = 1;
  for (const handle of HANDLES) {
    const p = handlePoint(shape.box, handle);
    const [x, y] = [Math.round(view.x + p.x * view.scale), Math.round(view.y + p.y * view.scale)];
    context.fillRect(x - 3.5, y - 3.5, 7, 7);
    context.strokeRect(x - 3.5, y - 3.5, 7, 7);
  }
}

/** A version of a shape in a conflict. */
export function paintGhost(context: Context, box: Box, color: string, name: string, view: View): void {
  const ghost = { id: "", box, key: false, occluded: false, locked: true, color, tag: name };
  paintActive(context, ghost, view, false);
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

/** Black or white, whichever is read better on `color` (`#rrggbb`; weights of ITU-R BT.601). */
export function readableOn(color: string): string {
  const value = Number.parseInt(color.slice(1), 16);
  const light = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return light > 140 ? "#0b1016" : "#ffffff";
}
