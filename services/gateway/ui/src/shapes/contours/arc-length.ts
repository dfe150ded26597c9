import type { Points2 } from "./correlation";
import type { Pair } from "../types";

export const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** The points without those that equal the one before them. */
export function withoutRepeats(points: readonly Pair[], closed: boolean): Points2 {
  const distinct = points.filter(([x, y], at) => at === 0 || x !== points[at - 1]![0] || y !== points[at - 1]![1]);
  const [first, last] = [distinct[0]!, distinct.at(-1)!];
  if (closed && distinct.length > 1 && first[0] === last[0] && first[1] === last[1]) distinct.pop();
  return { x: Float64Array.from(distinct, ([x]) => x), y: Float64Array.from(distinct, ([, y]) => y) };
}

/** The position of each point along the contour, from 0 up to 1. */
export function positions({ x, y }: Points2, closed: boolean): Float64Array {
  const count = x.length;
  const along = new Float64Array(count);
  let length = 0;
  for (let at = 0; at + 1 < count; at += 1) {
    length += Math.hypot(x[at + 1]! - x[at]!, y[at + 1]! - y[at]!);
    along[at + 1] = length;
  }
  if (closed) length += Math.hypot(x[0]! - x[count - 1]!, y[0]! - y[count - 1]!);
  return along.map((item) => item / length);
}

/** The value at `at`, interpolated between `values` at the ascending positions `among`; constant beyond the ends. */
export function interpolated(at: number, among: ArrayLike<number>, values: ArrayLike<number>): number {
  const after = firstAbove(among, at);
  if (after === 0) return values[0]!;
  if (after === among.length) return values[after - 1]!;
  const from = among[after - 1]!;
  return values[after - 1]! + ((values[after]! - values[after - 1]!) * (at - from)) / (among[after]! - from);
}

/** The index of the first of ascending values that is greater. */
export function firstAbove(among: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = among.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (among[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The points at positions `at` of a contour whose points are at positions `along`. */
export function pointsAt({ x, y }: Points2, along: Float64Array, at: Float64Array, closed: boolean): Points2 {
  const count = along.length;
  const points = { x: new Float64Array(at.length), y: new Float64Array(at.length) };
  for (let index = 0; index < at.length; index += 1) {
    const where = closed ? modulo(at[index]!, 1) : at[index]!;
    const after = firstAbove(along, where);
    // On a ring, the last point precedes the first one.
    const [a, b] = [after > 0 ? after - 1 : closed ? count - 1 : 0, after < count ? after : closed ? 0 : count - 1];
    const from = after > 0 ? along[a]! : along[a]! - 1;
    const to = after < count ? along[b]! : along[b]! + 1;
    const share = a === b || to === from ? 0 : (where - from) / (to - from);
    points.x[index] = x[a]! + (x[b]! - x[a]!) * share;
    points.y[index] = y[a]! + (y[b]! - y[a]!) * share;
  }
  return points;
}

/** The points in reverse order. */
export function reversed({ x, y }: Points2): Points2 {
  return { x: x.slice().reverse(), y: y.slice().reverse() };
}

/** The points of a ring, starting at `start`. */
export function rolled({ x, y }: Points2, start: number): Points2 {
  return start === 0 ? { x, y } : { x: rolledValues(x, start), y: rolledValues(y, start) };
}

export function rolledValues(values: Float64Array, start: number): Float64Array {
  const shifted = new Float64Array(values.length);
  shifted.set(values.subarray(start));
  shifted.set(values.subarray(0, start), values.length - start);
  return shifted;
}

/** The lengths of the first `sides` sides. */
export function sideLengths({ x, y }: Points2, sides: number): Float64Array {
  return Float64Array.from({ length: sides }, (_, at) => {
    const next = (at + 1) % x.length;
    return Math.hypot(x[next]! - x[at]!, y[next]! - y[at]!);
  });
}
