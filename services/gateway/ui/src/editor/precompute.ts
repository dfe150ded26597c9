import { keyframeBefore, shapeAt } from "./document/interpolation";
import type { ObjectState } from "./document/labels";

const OUTLINES: ReadonlySet<string> = new Set(["polygon", "polyline"]);
/** What is left of a pause for whatever the browser has to do itself. */
const SPARE_MS = 2;
const PAUSE_MS = 8;

/**
 * Finds out in pauses how the outlines go on after their next key frames: five thousand take most of a second, which would
 * be felt on the frame on which they are first needed.
 */
export class Ahead {
  private objects: readonly ObjectState[] = [];
  private frame = -1;
  private at = 0;
  private stop: (() => void) | null = null;

  /** These are the objects, and this frame is looked at. */
  look(objects: readonly ObjectState[], frame: number): void {
    if (frame === this.frame && objects === this.objects) return;
    Object.assign(this, { objects, frame, at: 0 });
    this.stop ??= inPause((left) => this.work(left));
  }

  close(): void {
    this.stop?.();
  }

  private work(left: () => number): void {
    this.stop = null;
    while (this.at < this.objects.length && left() > SPARE_MS) this.prepare(this.objects[this.at++]!);
    if (this.at < this.objects.length) this.stop = inPause((more) => this.work(more));
  }

  private prepare({ annotation_type, keyframes }: ObjectState): void {
    if (!OUTLINES.has(annotation_type)) return;
    const next = keyframes[keyframeBefore(keyframes, this.frame) + 1];
    if (next) shapeAt(keyframes, next.frame + 1);
  }
}

/** Call `work` when the browser has nothing else to do, with how many milliseconds are left; gives how not to. */
function inPause(work: (left: () => number) => void): () => void {
  if ("requestIdleCallback" in globalThis) {
    const id = requestIdleCallback((deadline) => work(() => deadline.timeRemaining()), { timeout: 500 });
    return () => cancelIdleCallback(id);
  }
  const timer = setTimeout(() => {
    const end = performance.now() + PAUSE_MS;
    work(() => end - performance.now());
  }, PAUSE_MS);
  return () => clearTimeout(timer);
}
