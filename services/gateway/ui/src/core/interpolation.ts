import type { Box, Keyframe, Source } from "./labels";

/** What is seen of an object on one frame. `key`: set on this very frame, not computed. */
export interface Shape {
  box: Box;
  key: boolean;
  occluded: boolean;
  source: Source;
  score: number | null;
}

/** Index of the last keyframe at or before `frame`, -1 if there is none. */
export function keyframeBefore(keyframes: readonly Keyframe[], frame: number): number {
  let low = 0;
  let high = keyframes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyframes[middle]!.frame <= frame) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The turn in degrees from `a` to `b` along the shorter arc, in (-180, 180]. */
export function shortArc(a: number, b: number): number {
  const turn = positive(b - a);
  return turn > 180 ? turn - 360 : turn;
}

function positive(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

function between(a: Box, b: Box, t: number): Box {
  return {
    kind: "bbox",
    x1: a.x1 + (b.x1 - a.x1) * t,
    y1: a.y1 + (b.y1 - a.y1) * t,
    x2: a.x2 + (b.x2 - a.x2) * t,
    y2: a.y2 + (b.y2 - a.y2) * t,
    rotation: positive(a.rotation + shortArc(a.rotation, b.rotation) * t),
  };
}

/**
 * The object on `frame`: each coordinate linear between keyframes, held after the last one, nothing before the
 * first, from an `outside` keyframe to the next, or after the medium's `last` frame. `keyframes` are in order of frame.
 */
export function shapeAt(keyframes: readonly Keyframe[], frame: number, last = Infinity): Shape | null {
  const at = keyframeBefore(keyframes, frame);
  const left = keyframes[at];
  if (!left || left.outside || frame > last) return null;
  const right = keyframes[at + 1];
  const key = left.frame === frame;
  const share = key || !right ? 0 : (frame - left.frame) / (right.frame - left.frame);
  // A keyframe shows exactly the angle it was given, also one of 370°.
  const box = key ? left.geometry : between(left.geometry, right?.geometry ?? left.geometry, share);
  return { box, key, occluded: left.occluded, source: key ? left.source : "interpolated", score: left.score };
}

/** The frame ranges, inclusive, on which the object is seen, up to `last`. */
export function visibleSpans(keyframes: readonly Keyframe[], last: number): [number, number][] {
  const spans: [number, number][] = [];
  let from = -1;
  for (const keyframe of keyframes) {
    if (!keyframe.outside && from < 0) from = keyframe.frame;
    if (keyframe.outside && from >= 0) {
      spans.push([from, keyframe.frame - 1]);
      from = -1;
    }
  }
  if (from >= 0) spans.push([from, Math.max(from, last)]);
  return spans;
}
