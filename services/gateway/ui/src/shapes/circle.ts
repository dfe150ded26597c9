import type { ShapeKind } from "./kind";
import { boundsAround, mix, traceOval } from "./plane";
import type { GeometryOf } from "./types";

export const circle: ShapeKind<GeometryOf<"circle">> = {
  filled: true,
  bounds: ({ cx, cy, r }) => boundsAround(cx, cy, r, r),
  hits: ({ cx, cy, r }, p, margin) => Math.hypot(p.x - cx, p.y - cy) <= r + margin,
  path: (path, { cx, cy, r }, view) => traceOval(path, { x: cx, y: cy }, r, r, 0, view),
  move: (shape, dx, dy) => ({ ...shape, cx: shape.cx + dx, cy: shape.cy + dy }),
  interpolate: (from, to, share) => ({
    ...from,
    cx: mix(from.cx, to.cx, share),
    cy: mix(from.cy, to.cy, share),
    r: mix(from.r, to.r, share),
  }),
};
