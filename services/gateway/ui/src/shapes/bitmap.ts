import type { ShapeKind } from "./kind";
import { within } from "./plane";
import type { Bitmap, Bounds } from "./types";

/** A larger bitmap is drawn as its rectangle. */
const MOST_PIXELS = 100_000_000;

export const bitmap: ShapeKind<Bitmap> = {
  bounds: boundsOf,
  hits: (shape, point, margin) => within(boundsOf(shape), point, margin),
  path: () => undefined,
  raster(shape) {
    const { x, y, width, height, runs } = shape;
    if (width < 1 || height < 1 || width * height > MOST_PIXELS) return null;
    return { x, y, width, height, key: runs, marks: () => rimmed(pixelsOf(shape), width) };
  },
  move: (shape, dx, dy) => ({ ...shape, x: shape.x + Math.round(dx), y: shape.y + Math.round(dy) }),
  interpolate: (from) => from,
};

function boundsOf({ x, y, width, height }: Bitmap): Bounds {
  return { x1: x, y1: y, x2: x + width, y2: y + height };
}

/** The pixels of a bitmap's rectangle, row by row: 1 inside, 0 outside. */
export function pixelsOf({ width, height, runs }: Bitmap): Uint8Array {
  const pixels = new Uint8Array(width * height);
  let at = 0;
  runs.forEach((length, index) => {
    if (index % 2 === 1) pixels.fill(1, at, at + length);
    at += length;
  });
  return pixels;
}

/** 2 for the pixels inside that have one outside (or the rectangle's border) beside them, 1 for all others inside. */
export function rimmed(pixels: Uint8Array, width: number): Uint8Array {
  const marked = pixels.slice();
  const last = pixels.length - width;
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] === 0) continue;
    const column = at % width;
    const inner =
      column > 0 && column < width - 1 && at >= width && at < last &&
      pixels[at - 1]! + pixels[at + 1]! + pixels[at - width]! + pixels[at + width]! === 4;
    if (!inner) marked[at] = 2;
  }
  return marked;
}
