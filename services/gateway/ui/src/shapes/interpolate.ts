import { positive, shortArc } from "./angles";
import { polygonBetween, polylineBetween } from "./contours/interpolate";
import type { Angles, Box, Ellipse, Geometry, Keypoint, Pair } from "./types";

/** The shape `share` (0 to 1) of the way from one keyframe's to the next one's; what cannot be mixed is held. */
export function geometryBetween(a: Geometry, b: Geometry, share: number): Geometry {
  const mix = (from: number, to: number): number => from + (to - from) * share;
  switch (a.kind) {
    case "bbox":
      return b.kind === a.kind ? boxBetween(a, b, share) : a;
    case "ellipse":
      return b.kind === a.kind ? ellipseBetween(a, b, share) : a;
    case "circle":
      return b.kind === a.kind ? { ...a, cx: mix(a.cx, b.cx), cy: mix(a.cy, b.cy), r: mix(a.r, b.r) } : a;
    case "line":
      if (b.kind !== a.kind) return a;
      return { ...a, x1: mix(a.x1, b.x1), y1: mix(a.y1, b.y1), x2: mix(a.x2, b.x2), y2: mix(a.y2, b.y2) };
    case "points":
      // Which of several points is which is not known.
      return b.kind === a.kind && a.points.length === 1 && b.points.length === 1 ? pointsBetween(a, b, share) : a;
    case "cuboid":
      return b.kind === a.kind && a.points.length === b.points.length ? pointsBetween(a, b, share) : a;
    case "skeleton":
      return b.kind === a.kind ? { ...a, keypoints: keypointsBetween(a.keypoints, b.keypoints, share) } : a;
    case "rpy":
      if (b.kind !== a.kind) return a;
      return { ...a, x: mix(a.x, b.x), y: mix(a.y, b.y), angles: anglesBetween(a.angles, b.angles, share) };
    case "polygon":
      return b.kind === a.kind ? polygonBetween(a, b, share) : a;
    case "polyline":
      return b.kind === a.kind ? polylineBetween(a, b, share) : a;
    default:
      return a;
  }
}

function boxBetween(a: Box, b: Box, share: number): Box {
  return {
    kind: "bbox",
    x1: a.x1 + (b.x1 - a.x1) * share,
    y1: a.y1 + (b.y1 - a.y1) * share,
    x2: a.x2 + (b.x2 - a.x2) * share,
    y2: a.y2 + (b.y2 - a.y2) * share,
    rotation: positive(a.rotation + shortArc(a.rotation, b.rotation) * share),
  };
}

function ellipseBetween(a: Ellipse, b: Ellipse, share: number): Ellipse {
  return {
    kind: "ellipse",
    cx: a.cx + (b.cx - a.cx) * share,
    cy: a.cy + (b.cy - a.cy) * share,
    rx: a.rx + (b.rx - a.rx) * share,
    ry: a.ry + (b.ry - a.ry) * share,
    rotation: positive(a.rotation + shortArc(a.rotation, b.rotation) * share),
  };
}

function pointsBetween<Shape extends { points: Pair[] }>(a: Shape, b: Shape, share: number): Shape {
  const points = a.points.map(([x, y], at): Pair => {
    const [toX, toY] = b.points[at]!;
    return [x + (toX - x) * share, y + (toY - y) * share];
  });
  return { ...a, points };
}

/** A keyframe's shape after it, where no other follows: the angle between 0 and 360, the rest as it is. */
export function held(geometry: Geometry): Geometry {
  if (geometry.kind !== "bbox" && geometry.kind !== "ellipse") return geometry;
  const rotation = positive(geometry.rotation);
  return rotation === geometry.rotation ? geometry : { ...geometry, rotation };
}

/** Points of the same name go straight; one that the next keyframe does not know stays. */
export function keypointsBetween(a: Keypoint[], b: Keypoint[], share: number): Keypoint[] {
  if (a.length === 0) return a;
  const known = new Map(b.map((point) => [point.name, point]));
  return a.map((point) => {
    const to = known.get(point.name) ?? point;
    return { ...point, x: point.x + (to.x - point.x) * share, y: point.y + (to.y - point.y) * share };
  });
}

export function anglesBetween(a: Angles, b: Angles, share: number): Angles;
export function anglesBetween(a: Angles | null, b: Angles | null, share: number): Angles | null;
export function anglesBetween(a: Angles | null, b: Angles | null, share: number): Angles | null {
  if (!a || !b) return a;
  const turn = (from: number, to: number): number => balanced(from + shortArc(from, to) * share);
  return { roll: turn(a.roll, b.roll), pitch: turn(a.pitch, b.pitch), yaw: turn(a.yaw, b.yaw) };
}

/** An angle in (-180, 180]. */
function balanced(degrees: number): number {
  return 180 - positive(180 - degrees);
}
