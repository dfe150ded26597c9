/** Where each frame of a clip is: what the service tells of one clip in its best rendition. */
export interface Segment {
  first: number;
  count: number;
  offset: number;
  size: number;
  sample: number;
  /** The opaque name under which the segment's bytes are fetched. */
  id: string;
}

export interface ClipIndex {
  media_id: string;
  clip: number;
  rendition: "copy" | "proxy" | "still";
  codec: string;
  description: string | null;
  width: number;
  height: number;
  rotation: 0 | 90 | 180 | 270;
  first: number;
  count: number;
  segments: Segment[];
  sample_size: number[];
  sample_frame: number[];
  time_base: [number, number];
  pts: number[];
}

/** The place, in `index.segments`, of the segment that shows `frame`; -1 if none does. */
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
export function endOfSegment(index: ClipIndex, place: number): number {
  return index.segments[place + 1]?.sample ?? index.sample_size.length;
}

/** The seconds at which `frame` of this clip is shown. */
export function secondsOf(index: ClipIndex, frame: number): number {
  const [numerator, denominator] = index.time_base;
  return ((index.pts[frame - index.first] ?? 0) * numerator) / denominator;
}

/**
 * Frames to have at hand, the most urgent first: `frame`, then those in the direction of travel, mixed with a few
 * behind, all within first…last.
 */
export function wanted(frame: number, direction: 1 | -1, ahead: number, behind: number, last: number): number[] {
  const frames = [frame];
  const most = Math.max(ahead, behind);
  for (let step = 1; step <= most; step += 1) {
    const on = frame + step * direction;
    const back = frame - step * direction;
    if (step <= ahead && on >= 0 && on <= last) frames.push(on);
    if (step <= behind && back >= 0 && back <= last) frames.push(back);
  }
  return frames;
}
