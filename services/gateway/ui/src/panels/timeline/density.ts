import { visibleSpans } from "../../editor/api";
import type { ObjectState } from "../../api/labels";

/** The largest number of visible objects on any frame, for each of `buckets` equal parts of first…last. */
export function density(objects: readonly ObjectState[], first: number, last: number, buckets: number): Uint16Array {
  const frames = last - first + 1;
  const changes = new Int32Array(frames + 1);
  for (const object of objects) {
    for (const [from, to] of visibleSpans(object.keyframes, last)) {
      if (to < first || from > last) continue;
      changes[Math.max(from, first) - first]! += 1;
      changes[Math.min(to, last) - first + 1]! -= 1;
    }
  }
  const most = new Uint16Array(buckets);
  let visible = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    visible += changes[frame]!;
    const at = Math.min(buckets - 1, Math.floor((frame * buckets) / frames));
    if (visible > most[at]!) most[at] = visible;
  }
  return most;
}
