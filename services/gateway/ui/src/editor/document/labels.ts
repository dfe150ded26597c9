/** Objects and keyframes. Frames are 0-based over the medium. */
import type { Keyframe, ObjectState } from "../../api/labels";
import type { Geometry } from "../../shapes/types";

/** A manual keyframe. */
export function manualKeyframe(frame: number, geometry: Geometry): Keyframe {
  const unset = { score: null, attributes: {}, keypoints: [], rpy: null };
  return { frame, geometry, outside: false, occluded: false, source: "manual", ...unset };
}

/** Whether a keyframe was set by a user or imported: no program replaces it. */
export function isSolid(keyframe: Keyframe): boolean {
  return keyframe.source === "manual" || keyframe.source === "import";
}

/** Whether an object would be visible anywhere without its keyframe on `frame`. */
export function isVisibleWithout(object: ObjectState, frame: number): boolean {
  return object.keyframes.some((keyframe) => keyframe.frame !== frame && !keyframe.outside);
}

/** Whether an object is a label of the whole image. */
export function isImageTag(object: Pick<ObjectState, "annotation_type">): boolean {
  return object.annotation_type === "label";
}

/** Orders objects by their first frame, then by age. */
export function byFirstFrame(a: ObjectState, b: ObjectState): number {
  const first = (a.keyframes[0]?.frame ?? 0) - (b.keyframes[0]?.frame ?? 0);
  return first || (a.created_at ?? Infinity) - (b.created_at ?? Infinity) || (a.id < b.id ? -1 : 1);
}

/** The default among the labels of a medium: the one preferred last; of equals, the one with the smallest id. */
export function defaultLabel(labels: readonly ObjectState[]): ObjectState | undefined {
  let best: ObjectState | undefined;
  for (const label of labels) {
    const more = (label.preferred_at ?? 0) - (best?.preferred_at ?? 0);
    if (!best || more > 0 || (more === 0 && label.id < best.id)) best = label;
  }
  return best;
}
