import type { Raster } from "../shapes/kind";

const INSIDE = 0.4;
const RIM = 0.95;

interface Cached {
  color: string;
  canvas: OffscreenCanvas;
}

// Cached by pixels, which do not change while a bitmap is dragged.
const cache = new WeakMap<object, Cached>();

/** The pixels as an image in one color, decoded once for each keyframe. */
export function maskImage(raster: Raster, color: string): OffscreenCanvas {
  const known = cache.get(raster.key);
  if (known?.color === color) return known.canvas;
  const canvas = new OffscreenCanvas(raster.width, raster.height);
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(raster.width, raster.height);
  const shades = [0, shade(color, INSIDE), shade(color, RIM)];
  const words = new Uint32Array(image.data.buffer);
  raster.marks().forEach((mark, at) => (words[at] = shades[mark]!));
  context.putImageData(image, 0, 0);
  cache.set(raster.key, { color, canvas });
  return canvas;
}

/** A color `#rrggbb` as the four bytes of a pixel, least significant first. */
function shade(color: string, alpha: number): number {
  const value = Number.parseInt(color.slice(1), 16);
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255];
  return ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
