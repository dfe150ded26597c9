import type { Bitmap } from "../shapes/types";
import { pixelsOf, rimmed } from "../shapes/run-length";

/** More pixels than any picture has; such a bitmap is drawn as its rectangle. */
const MOST_PIXELS = 100_000_000;
const INSIDE = 0.4;
const RIM = 0.95;

interface Painted {
  color: string;
  canvas: OffscreenCanvas;
}

// By the runs themselves, which stay the same while a bitmap is dragged.
const painted = new WeakMap<readonly number[], Painted>();

/** A bitmap as a picture in its colour, decoded once for each keyframe; null if there is nothing to draw. */
export function maskPicture(bitmap: Bitmap, color: string): OffscreenCanvas | null {
  const { width, height, runs } = bitmap;
  if (width < 1 || height < 1 || width * height > MOST_PIXELS) return null;
  const known = painted.get(runs);
  if (known?.color === color) return known.canvas;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  const picture = context.createImageData(width, height);
  const shades = [0, shade(color, INSIDE), shade(color, RIM)];
  const words = new Uint32Array(picture.data.buffer);
  rimmed(pixelsOf(bitmap), width).forEach((mark, at) => (words[at] = shades[mark]!));
  context.putImageData(picture, 0, 0);
  painted.set(runs, { color, canvas });
  return canvas;
}

/** A colour `#rrggbb` as the four bytes of a pixel, least significant first. */
function shade(color: string, alpha: number): number {
  const value = Number.parseInt(color.slice(1), 16);
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255];
  return ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
