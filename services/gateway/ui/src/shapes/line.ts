import type { ShapeKind } from "./kind";
import { boundsOfPoints, mix, nearLine, traceLine } from "./plane";
import type { GeometryOf, Pair } from "./types";

type Line = GeometryOf<"line">;

export const line: ShapeKind<Line> = {
  bounds: (shape) => boundsOfPoints(endsOf(shape)),
  hits: (shape, point, margin) => nearLine(endsOf(shape), point, margin),
  path: (path, shape, view) => traceLine(path, endsOf(shape), view, false),
  dashed: ({ dashed }) => dashed,
  move: (shape, dx, dy) => ({ ...shape, x1: shape.x1 + dx, y1: shape.y1 + dy, x2: shape.x2 + dx, y2: shape.y2 + dy }),
  interpolate: (from, to, share) => ({
    ...from,
    x1: mix(from.x1, to.x1, share),
    y1: mix(from.y1, to.y1, share),
    x2: mix(from.x2, to.x2, share),
    y2: mix(from.y2, to.y2, share),
  }),
};

function endsOf({ x1, y1, x2, y2 }: Line): Pair[] {
  return [
    [x1, y1],
    [x2, y2],
  ];
}
