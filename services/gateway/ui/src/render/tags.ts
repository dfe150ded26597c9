import type { Transform } from "../shapes/kind";
import { tagAnchor } from "../shapes/registry";
import type { Point } from "../shapes/types";
import { legibleOn, PALETTE } from "./palette";
import type { RenderShape } from "./render-shape";

const FONT = "500 11px system-ui, 'Noto Sans CJK TC', sans-serif";
const MOST_LETTERS = 24;
const POINT_FONT = "10px system-ui, 'Noto Sans CJK TC', sans-serif";

/** The name of a shape, on a patch of its color above its top left corner. */
export function paintTag(context: CanvasRenderingContext2D, shape: RenderShape, view: Transform): void {
  const anchor = tagAnchor(shape.geometry);
  if (!anchor) return;
  const x = view.x + anchor.at.x * view.scale - 1;
  const y = view.y + anchor.at.y * view.scale + anchor.offset;
  context.font = FONT;
  const width = context.measureText(shape.tag).width + 10;
  context.globalAlpha = 0.88;
  context.fillStyle = shape.color;
  context.fillRect(x, y, width, 16);
  context.globalAlpha = 1;
  context.fillStyle = legibleOn(shape.color);
  context.textBaseline = "middle";
  context.fillText(shape.tag, x + 5, y + 8.5);
}

/** A name, shortened so that it does not cover the image. */
export function short(name: string): string {
  const letters = [...name];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join("").trimEnd()}…` : name;
}

/** A small name beside a dot, with a dark rim so that it is legible on any image. */
export function paintPointName(context: CanvasRenderingContext2D, name: string, at: Point): void {
  context.font = POINT_FONT;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = PALETTE.textRim;
  context.strokeText(name, at.x, at.y);
  context.fillStyle = PALETTE.light;
  context.fillText(name, at.x, at.y);
}
