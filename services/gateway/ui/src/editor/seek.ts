import { visibleSpans } from "./document/interpolation";
import type { ObjectState } from "../api/labels";
import { isSolid } from "./document/labels";

/** The next frame in that direction, up to `last`, on which any of the objects is visible. */
export function nextLabeled(objects: readonly ObjectState[], from: number, by: 1 | -1, last: number): number | null {
  let best: number | null = null;
  for (const object of objects) {
    for (const [begin, end] of visibleSpans(object.keyframes, last)) {
      const near = by > 0 ? Math.max(begin, from + 1) : Math.min(end, from - 1);
      if (near < begin || near > end) continue;
      if (best === null || (near - best) * by < 0) best = near;
    }
  }
  return best;
}

/** The next keyframe of an object in that direction: a manual or imported one, unless there is none. */
export function nextKeyframe(object: ObjectState, from: number, by: 1 | -1): number | undefined {
  const solid = object.keyframes.filter(isSolid);
  const frames = (solid.length > 0 ? solid : object.keyframes).map((keyframe) => keyframe.frame);
  return by > 0 ? frames.find((frame) => frame > from) : frames.findLast((frame) => frame < from);
}

/** From the first to the last manual or imported keyframe; null with fewer than two. */
export function solidRange(object: ObjectState): [number, number] | null {
  const solid = object.keyframes.filter(isSolid);
  const [first, last] = [solid[0], solid.at(-1)];
  return first && last && first !== last ? [first.frame, last.frame] : null;
}
