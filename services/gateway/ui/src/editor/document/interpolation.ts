import type { Attributes, Keyframe, ObjectState, Source } from "../../api/labels";
import { interpolateAngles } from "../../shapes/angles";
import { interpolateKeypoints } from "../../shapes/keypoints";
import { held, interpolate } from "../../shapes/registry";
import type { Angles, Geometry, Keypoint } from "../../shapes/types";
import { isSolid } from "./labels";

/** An object on one frame. `key`: it has a keyframe there; `solid`: the keyframe is manual or imported. */
export interface Shape {
  geometry: Geometry;
  key: boolean;
  solid: boolean;
  occluded: boolean;
  source: Source;
  score: number | null;
  keypoints: Keypoint[];
  rpy: Angles | null;
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

/**
 * The object on `frame`: interpolated between keyframes, held after the last one; null before the first, from an `outside`
 * keyframe to the next, and after the medium's `last` frame. `keyframes` are ordered by frame.
 */
export function shapeAt(keyframes: readonly Keyframe[], frame: number, last = Infinity): Shape | null {
  const at = keyframeBefore(keyframes, frame);
  const left = keyframes[at];
  if (!left || left.outside || frame > last) return null;
  // A keyframe is shown exactly as stored, also an angle of 370°.
  const key = left.frame === frame;
  const right = key ? undefined : keyframes[at + 1];
  const share = right ? (frame - left.frame) / (right.frame - left.frame) : 0;
  return {
    geometry: right ? interpolate(left.geometry, right.geometry, share) : key ? left.geometry : held(left.geometry),
    key,
    solid: key && isSolid(left),
    occluded: left.occluded,
    source: key ? left.source : "interpolated",
    score: left.score,
    keypoints: right ? interpolateKeypoints(left.keypoints, right.keypoints, share) : left.keypoints,
    rpy: right ? interpolateAngles(left.rpy, right.rpy, share) : left.rpy,
  };
}

/** The object's attributes, with the values of mutable ones on `frame`. */
export function attributesAt(object: Pick<ObjectState, "attributes" | "keyframes">, frame: number): Attributes {
  const values: Attributes = { ...object.attributes };
  for (const keyframe of object.keyframes) {
    if (keyframe.frame > frame) break;
    Object.assign(values, keyframe.attributes);
  }
  return values;
}

/** The frame ranges, inclusive, on which the object is visible, up to `last`. */
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
