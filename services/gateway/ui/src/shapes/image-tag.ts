import type { ShapeKind } from "./kind";
import type { GeometryOf } from "./types";

/** A label of the whole image, or of a span of a video: it has no position on the canvas. */
export const imageTag: ShapeKind<GeometryOf<"label">> = {
  bounds: () => null,
  hits: () => false,
  path: () => undefined,
  move: (shape) => shape,
  interpolate: (from) => from,
};
