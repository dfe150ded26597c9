import type { ClipIndex } from "../api/labels";

export type { ClipIndex };

/** The index in `index.segments` of the segment with `frame`; -1 if there is none. */
export function segmentOf(index: ClipIndex, frame: number): number {
  let low = 0;
  let high = index.segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index.segments[middle]!.first <= frame) low = middle + 1;
    else high = middle;
  }
  const segment = index.segments[low - 1];
  return segment && frame < segment.first + segment.count ? low - 1 : -1;
}

/** One sample past the last of a segment. */
export function endOfSegment(index: ClipIndex, segment: number): number {
  return index.segments[segment + 1]?.sample ?? index.sample_size.length;
}

/** The time of `frame` in seconds. */
export function secondsOf(index: ClipIndex, frame: number): number {
  const [numerator, denominator] = index.time_base;
  return ((index.pts[frame - index.first] ?? 0) * numerator) / denominator;
}

/**
 * Frames to decode, the most urgent first: `frame`, then those in the direction of playback, mixed with a few behind it, up to
 * `last`.
 */
export function wanted(frame: number, direction: 1 | -1, ahead: number, behind: number, last: number): number[] {
  const frames = [frame];
  const most = Math.max(ahead, behind);
  for (let step = 1; step <= most; step += 1) {
    const next = frame + step * direction;
    const previous = frame - step * direction;
    if (step <= ahead && next >= 0 && next <= last) frames.push(next);
    if (step <= behind && previous >= 0 && previous <= last) frames.push(previous);
  }
  return frames;
}
