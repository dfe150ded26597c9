import { interpolateRotation, normalized } from "./angles";
import type { ShapeKind } from "./kind";
import { boundsAround, mix, rotated, traceOval } from "./plane";
import type { Bounds, GeometryOf } from "./types";

type Ellipse = GeometryOf<"ellipse">;

export const ellipse: ShapeKind<Ellipse> = {
  filled: true,
  bounds: boundsOf,
  hits({ cx, cy, rx, ry, rotation }, p, margin) {
    const local = rotated(p, { x: cx, y: cy }, -rotation);
    return Math.hypot((local.x - cx) / (rx + margin), (local.y - cy) / (ry + margin)) <= 1;
  },
  path: (path, { cx, cy, rx, ry, rotation }, view) => traceOval(path, { x: cx, y: cy }, rx, ry, rotation, view),
  move: (shape, dx, dy) => ({ ...shape, cx: shape.cx + dx, cy: shape.cy + dy }),
  interpolate: (from, to, share) => ({
    kind: "ellipse",
    cx: mix(from.cx, to.cx, share),
    cy: mix(from.cy, to.cy, share),
    rx: mix(from.rx, to.rx, share),
    ry: mix(from.ry, to.ry, share),
    rotation: interpolateRotation(from.rotation, to.rotation, share),
  }),
  held: normalized,
};

function boundsOf({ cx, cy, rx, ry, rotation }: Ellipse): Bounds {
  const angle = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return boundsAround(cx, cy, Math.hypot(rx * cos, ry * sin), Math.hypot(rx * sin, ry * cos));
}
