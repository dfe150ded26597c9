import type { Geometry } from "../shapes/types";
import { boundsOf } from "../shapes/bounds";
import type { Drawn } from "./render-shape";
import { corners, type Point } from "../shapes/box-handles";
import type { View } from "./viewport";

const FONT = "500 11px system-ui, 'Noto Sans CJK TC', sans-serif";
const MOST_LETTERS = 24;
const POINT_FONT = "10px system-ui, 'Noto Sans CJK TC', sans-serif";

/** The name of a shape, on a patch of its colour above its top left corner. */
export function paintTag(context: CanvasRenderingContext2D, shape: Drawn, view: View): void {
  const top = topOf(shape.geometry);
  if (!top) return;
  const x = view.x + top.x * view.scale - 1;
  const y = view.y + top.y * view.scale + offset(shape);
  context.font = FONT;
  const width = context.measureText(shape.tag).width + 10;
  context.globalAlpha = 0.88;
  context.fillStyle = shape.color;
  context.fillRect(x, y, width, 16);
  context.globalAlpha = 1;
  context.fillStyle = readableOn(shape.color);
  context.textBaseline = "middle";
  context.fillText(shape.tag, x + 5, y + 8.5);
}

/** Above a shape and its dots, but under an arrow, which points anywhere but down most of the time. */
function offset({ geometry: { kind } }: Drawn): number {
  if (kind === "rpy") return 10;
  return kind === "skeleton" || kind === "points" ? -23 : -17;
}

/** A name that leaves the picture to be seen. */
export function short(name: string): string {
  const letters = [...name];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join("").trimEnd()}…` : name;
}

/** A small name beside a dot, with a dark rim so that it is read on any picture. */
export function paintPointName(context: CanvasRenderingContext2D, name: string, x: number, y: number): void {
  context.font = POINT_FONT;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = "rgb(11 16 22 / 80%)";
  context.strokeText(name, x, y);
  context.fillStyle = "#fff";
  context.fillText(name, x, y);
}

function topOf(geometry: Geometry): Point | null {
  if (geometry.kind === "bbox")
    return corners(geometry).reduce((a, b) => (b.y < a.y || (b.y === a.y && b.x < a.x) ? b : a));
  const bounds = boundsOf(geometry);
  return bounds && { x: bounds.x1, y: bounds.y1 };
}

/** Black or white, whichever is read better on `color` (`#rrggbb`; weights of ITU-R BT.601). */
export function readableOn(color: string): string {
  const value = Number.parseInt(color.slice(1), 16);
  const light = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return light > 140 ? "#0b1016" : "#ffffff";
}
