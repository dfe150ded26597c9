/**
 * The correspondence of points on two contours, so that interpolating between them neither flips, collapses nor drifts. The
 * same steps as in `common/geometry/correspondence.py`, which explains them; both are tested with the same cases.
 */
import {
  firstAbove, interpolated, modulo, pointsAt, positions, reversed, rolled, sideLengths, rolledValues, withoutRepeats,
} from "./arc-length";
import { centered, correlation, shiftedProducts, type Points2 } from "./correlation";
import type { Pair } from "../types";

/** Points that correspond, by index. */
export interface Correspondence {
  left: Points2;
  right: Points2;
}

const SAMPLES = 128;
const EQUAL = 1e-9;
/** A redrawn contour fits several times better when it is shifted; an edited copy does not. */
const CLEARLY = 4;
const NOTHING = 1e-12;

/** Pairs of points on two contours of at least one point each. */
export function correspondence(from: readonly Pair[], to: readonly Pair[], closed: boolean): Correspondence {
  const left = withoutRepeats(from, closed);
  let right = withoutRepeats(to, closed);
  const [n, m] = [left.x.length, right.x.length];
  if (n === 1 || m === 1) return { left: spread(left, Math.max(n, m)), right: spread(right, Math.max(n, m)) };
  right = directed(left, right, closed);
  if (n !== m) return byLength(left, right, closed);
  const byIndex = { left, right: rolled(right, closed ? shifted(left, right).shift : 0) };
  if (isAlsoByLength(byIndex, closed)) return byIndex;
  const lengthwise = byLength(left, right, closed);
  return movement(lengthwise, closed) < movement(byIndex, closed) / CLEARLY ? lengthwise : byIndex;
}

/** A single point repeated `count` times; more points as they are. */
function spread(points: Points2, count: number): Points2 {
  if (points.x.length === count) return points;
  return { x: new Float64Array(count).fill(points.x[0]!), y: new Float64Array(count).fill(points.y[0]!) };
}

/** The area within a ring, positive if it runs clockwise as seen. */
function signedArea({ x, y }: Points2): number {
  let twice = 0;
  for (let at = 0; at < x.length; at += 1) {
    const next = at + 1 === x.length ? 0 : at + 1;
    twice += (x[at]! - x[0]!) * (y[next]! - y[0]!) - (x[next]! - x[0]!) * (y[at]! - y[0]!);
  }
  return twice / 2;
}

const AROUND = Float64Array.from({ length: SAMPLES }, (_, index) => index / SAMPLES);
const FROM_END_TO_END = Float64Array.from({ length: SAMPLES }, (_, index) => index / (SAMPLES - 1));

function samples(points: Points2, closed: boolean): Points2 {
  return centered(pointsAt(points, positions(points, closed), closed ? AROUND : FROM_END_TO_END, closed));
}

function directed(left: Points2, right: Points2, closed: boolean): Points2 {
  // A reversed ring keeps its first point.
  if (closed) return signedArea(left) * signedArea(right) < 0 ? rolled(reversed(right), right.x.length - 1) : right;
  const [first, second] = [samples(left, false), samples(right, false)];
  const fit = correlation(first, second, products(first, second));
  const reversedFit = correlation(first, second, products(first, reversed(second)));
  return 1 - reversedFit < (1 - fit) / CLEARLY ? reversed(right) : right;
}

function products(first: Points2, second: Points2): number {
  return first.x.reduce((sum, x, at) => sum + x * second.x[at]! + first.y[at]! * second.y[at]!, 0);
}

/** The shift of the right points that fits left best, and the fit of every shift: similar, and little rotated. */
function shifted(left: Points2, right: Points2): { shift: number; fits: Float64Array } {
  const [first, second] = [centered(left), centered(right)];
  const unit = correlation(first, second, 1);
  const products = shiftedProducts(first, second);
  const fits = products.x.map((real, at) => {
    const alike = Math.hypot(real, products.y[at]!) * unit;
    return alike - (1 - (real * unit) / Math.max(alike, NOTHING)) ** 3;
  });
  const best = fits.reduce((most, first) => Math.max(most, first));
  const isClear = 1 - best < (1 - fits[0]!) / CLEARLY;
  return { shift: isClear ? fits.findIndex((fit) => fit >= best - EQUAL) : 0, fits };
}

function phase(left: Points2, right: Points2): number {
  const { shift, fits } = shifted(samples(left, true), samples(right, true));
  if (shift === 0) return 0;
  const [before, here, after] = [fits[shift - 1]!, fits[shift]!, fits[(shift + 1) % SAMPLES]!];
  const bend = before - 2 * here + after;
  const peak = bend < -1e-12 ? (before - after) / (2 * bend) : 0;
  return (shift + Math.min(Math.max(peak, -0.5), 0.5)) / SAMPLES;
}

/** For each position the index of the nearest of ascending others; of two equally near ones, the lower. */
function nearest(of: Float64Array, among: Float64Array, closed: boolean): number[] {
  const count = among.length;
  const start = closed ? among[count - 1]! - 1 : -Infinity;
  const end = closed ? among[0]! + 1 : Infinity;
  return Array.from(of, (at) => {
    // Like `searchsorted` from the left: the first that is not smaller.
    let after = firstAbove(among, at);
    while (after > 0 && among[after - 1]! === at) after -= 1;
    const previous = after === 0 ? start : among[after - 1]!;
    const next = after === count ? end : among[after]!;
    const isBefore = at - previous <= next - at + EQUAL;
    return modulo(after - (isBefore ? 1 : 0), count);
  });
}

function isAlsoByLength({ left, right }: Correspondence, closed: boolean): boolean {
  const [alongLeft, alongRight] = [positions(left, closed), positions(right, closed)];
  const itself = (first: number, at: number): boolean => first === at;
  return nearest(alongLeft, alongRight, closed).every(itself) && nearest(alongRight, alongLeft, closed).every(itself);
}

/** Indices of points that are mutually nearest, in the order of the left points. */
function anchors(alongLeft: Float64Array, alongRight: Float64Array, closed: boolean): [left: number, right: number][] {
  const toRight = nearest(alongLeft, alongRight, closed);
  const toLeft = nearest(alongRight, alongLeft, closed);
  const last = alongRight.length - 1;
  const anchorPairs: [number, number][] = [];
  toRight.forEach((to, at) => {
    if (!closed && at === 0) anchorPairs.push([0, 0]);
    else if (!closed && at === alongLeft.length - 1) anchorPairs.push([at, last]);
    else if (toLeft[to] === at && (closed || (to !== 0 && to !== last))) anchorPairs.push([at, to]);
  });
  return anchorPairs;
}

function byLength(left: Points2, given: Points2, closed: boolean): Correspondence {
  const alongLeft = positions(left, closed);
  let [right, alongRight] = [given, positions(given, closed)];
  if (closed) {
    const turn = phase(left, right);
    alongRight = alongRight.map((item) => modulo(item - turn, 1));
    const first = alongRight.indexOf(alongRight.reduce((least, first) => Math.min(least, first)));
    right = rolled(right, first);
    alongRight = rolledValues(alongRight, first);
  }
  return paired(left, alongLeft, right, alongRight, closed);
}

/** The points of both contours in their order between the anchors, each with its counterpart on the other. */
function paired(left: Points2, alongLeft: Float64Array, right: Points2, alongRight: Float64Array, closed: boolean): Correspondence {
  const anchorPairs = anchors(alongLeft, alongRight, closed);
  const fromLeft = anchorPairs.map(([at]) => alongLeft[at]!);
  const fromRight = anchorPairs.map(([at, to]) => {
    const [a, b] = [alongLeft[at]!, alongRight[to]!];
    return closed ? a + modulo(b - a + 0.5, 1) - 0.5 : b;
  });
  if (closed) {
    fromLeft.push(fromLeft[0]! + 1);
    fromRight.push(fromRight[0]! + 1);
  }
  // The position of each point: the number of its anchor, plus the share of the way to the next anchor.
  const numbers = fromLeft.map((_, at) => at);
  const unrolled = (at: number, from: number): number => (closed ? from + modulo(at - from, 1) : at);
  const stepsLeft = alongLeft.map((at) => interpolated(unrolled(at, fromLeft[0]!), fromLeft, numbers));
  anchorPairs.forEach(([at], number) => (stepsLeft[at] = number));
  const used = new Set(anchorPairs.map(([, to]) => to));
  const free = Array.from(alongRight.keys()).filter((at) => !used.has(at));
  const stepsFree = Float64Array.from(free, (at) => interpolated(unrolled(alongRight[at]!, fromRight[0]!), fromRight, numbers));
  const onLeft = pointsAt(left, alongLeft, stepsFree.map((at) => interpolated(at, numbers, fromLeft)), closed);
  const onRight = pointsAt(right, alongRight, stepsLeft.map((at) => interpolated(at, numbers, fromRight)), closed);
  for (const [at, to] of anchorPairs) [onRight.x[at], onRight.y[at]] = [right.x[to]!, right.y[to]!];
  const freeRight = { x: Float64Array.from(free, (at) => right.x[at]!), y: Float64Array.from(free, (at) => right.y[at]!) };
  const steps = [...stepsLeft, ...stepsFree];
  const order = steps.map((_, at) => at).sort((a, b) => steps[a]! - steps[b]! || a - b);
  return { left: joined(left, onLeft, order), right: joined(onRight, freeRight, order) };
}

function joined(first: Points2, second: Points2, order: readonly number[]): Points2 {
  const [x, y] = [[...first.x, ...second.x], [...first.y, ...second.y]];
  return { x: Float64Array.from(order, (at) => x[at]!), y: Float64Array.from(order, (at) => y[at]!) };
}

/** The mean square, in px², of the movement of points along the sides beyond that of the whole contour. */
function movement({ left, right }: Correspondence, closed: boolean): number {
  const count = left.x.length;
  const sides = closed ? count : count - 1;
  const [lengthsLeft, lengthsRight] = [left, right].map((points) => sideLengths(points, sides)) as [Float64Array, Float64Array];
  const total = (lengths: Float64Array): number => lengths.reduce((sum, first) => sum + first, 0);
  const [totalLeft, totalRight] = [total(lengthsLeft), total(lengthsRight)];
  const movedX = right.x.map((item, at) => item - left.x[at]!);
  const movedY = right.y.map((item, at) => item - left.y[at]!);
  const { x, y } = centered({ x: movedX, y: movedY });
  let [squares, meanX, meanY] = [0, 0, 0];
  for (let at = 0; at < sides; at += 1) {
    const next = (at + 1) % count;
    const weight = (lengthsLeft[at]! / totalLeft + lengthsRight[at]! / totalRight) / 2;
    const [hx, hy, tx, ty] = [x[at]!, y[at]!, x[next]!, y[next]!];
    squares += (weight * (hx * hx + hx * tx + tx * tx + hy * hy + hy * ty + ty * ty)) / 3;
    meanX += (weight * (hx + tx)) / 2;
    meanY += (weight * (hy + ty)) / 2;
  }
  return squares - meanX * meanX - meanY * meanY;
}
