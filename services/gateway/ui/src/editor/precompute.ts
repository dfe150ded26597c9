import type { ObjectState } from "../api/labels";
import { matchesContours } from "../shapes/registry";
import { keyframeBefore, shapeAt } from "./document/interpolation";

/** The remaining time of an idle period. */
const SPARE_MS = 2;
const PAUSE_MS = 8;

/**
 * Computes contour correspondences for the next keyframes while the browser is idle: for five thousand objects it takes most
 * of a second, which would be noticeable on the first frame that uses them.
 */
export class Precompute {
  private objects: readonly ObjectState[] = [];
  private frame = -1;
  private at = 0;
  private stop: (() => void) | null = null;

  /** Prepare the frames after `frame`. */
  prepare(objects: readonly ObjectState[], frame: number): void {
    if (frame === this.frame && objects === this.objects) return;
    Object.assign(this, { objects, frame, at: 0 });
    this.stop ??= whenIdle((timeLeft) => this.work(timeLeft));
  }

  close(): void {
    this.stop?.();
  }

  private work(timeLeft: () => number): void {
    this.stop = null;
    while (this.at < this.objects.length && timeLeft() > SPARE_MS) this.prepareOne(this.objects[this.at++]!);
    if (this.at < this.objects.length) this.stop = whenIdle((more) => this.work(more));
  }

  private prepareOne({ annotation_type, keyframes }: ObjectState): void {
    if (!matchesContours(annotation_type)) return;
    const next = keyframes[keyframeBefore(keyframes, this.frame) + 1];
    if (next) shapeAt(keyframes, next.frame + 1);
  }
}

/** Call `work` with the remaining milliseconds when the browser is idle. Returns a function that cancels the call. */
function whenIdle(work: (timeLeft: () => number) => void): () => void {
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
