import { visibleSpans } from "./document/interpolation";
import { isSolid, type ObjectState } from "./document/labels";

/** The next frame in that direction, up to `last`, on which there is any of the objects. */
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

/** The next key frame of an object in that direction: one that a person set, unless there is none. */
export function nextKeyframe(object: ObjectState, from: number, by: 1 | -1): number | undefined {
  const solid = object.keyframes.filter(isSolid);
  const frames = (solid.length > 0 ? solid : object.keyframes).map((one) => one.frame);
  return by > 0 ? frames.find((one) => one > from) : frames.findLast((one) => one < from);
}

/** From the first to the last key frame that a person set; null where there are not two. */
export function solidStretch(object: ObjectState): [number, number] | null {
  const solid = object.keyframes.filter(isSolid);
  const [first, last] = [solid[0], solid.at(-1)];
  return first && last && first !== last ? [first.frame, last.frame] : null;
}
