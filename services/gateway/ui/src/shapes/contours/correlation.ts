/** Points as two arrays of coordinates. */
export interface Points2 {
  x: Float64Array;
  y: Float64Array;
}

/** With fewer points than this, adding up all products is faster than a transform. */
const FEW = 64;

/** The points minus their mean. */
export function centered({ x, y }: Points2): Points2 {
  const [meanX, meanY] = [sum(x) / x.length, sum(y) / y.length];
  return { x: x.map((item) => item - meanX), y: y.map((item) => item - meanY) };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The sum of products of centered points, normalized by their sizes. */
export function correlation(first: Points2, second: Points2, products: number): number {
  const size = Math.sqrt(squares(first) * squares(second));
  // The samples of a ring that is folded onto itself may coincide.
  return size > 0 ? products / size : 0;
}

function squares({ x, y }: Points2): number {
  let total = 0;
  for (let at = 0; at < x.length; at += 1) total += x[at]! * x[at]! + y[at]! * y[at]!;
  return total;
}

/**
 * For every shift k the sum over i of the products of first[i] and second[(i + k) mod n], both of n centered points: as
 * complex numbers x + iy, those of `first` conjugated.
 */
export function shiftedProducts(first: Points2, second: Points2): Points2 {
  return first.x.length < FEW ? addedUp(first, second) : transformed(first, second);
}

function addedUp(first: Points2, second: Points2): Points2 {
  const count = first.x.length;
  const products = { x: new Float64Array(count), y: new Float64Array(count) };
  for (let shift = 0; shift < count; shift += 1) {
    let [real, imaginary] = [0, 0];
    for (let at = 0, to = shift; at < count; at += 1) {
      real += first.x[at]! * second.x[to]! + first.y[at]! * second.y[to]!;
      imaginary += first.x[at]! * second.y[to]! - first.y[at]! * second.x[to]!;
      to = to + 1 === count ? 0 : to + 1;
    }
    [products.x[shift], products.y[shift]] = [real, imaginary];
  }
  return products;
}

/** The same by Fourier transforms of x + iy: of the points themselves where they are a power of two, else padded. */
function transformed(first: Points2, second: Points2): Points2 {
  const count = first.x.length;
  const isPower = (count & (count - 1)) === 0;
  const size = isPower ? count : 2 ** Math.ceil(Math.log2(2 * count));
  const pad = (values: Float64Array, twice: boolean): Float64Array => {
    const padded = new Float64Array(size);
    padded.set(values);
    if (twice && !isPower) padded.set(values, count);
    return padded;
  };
  const a = { x: pad(first.x, false), y: pad(first.y, false) };
  const b = { x: pad(second.x, true), y: pad(second.y, true) };
  transform(a, -1);
  transform(b, -1);
  const product = { x: new Float64Array(size), y: new Float64Array(size) };
  for (let at = 0; at < size; at += 1) {
    product.x[at] = a.x[at]! * b.x[at]! + a.y[at]! * b.y[at]!;
    product.y[at] = a.x[at]! * b.y[at]! - a.y[at]! * b.x[at]!;
  }
  transform(product, 1);
  const part = (values: Float64Array): Float64Array => values.subarray(0, count).map((item) => item / size);
  return { x: part(product.x), y: part(product.y) };
}

/** Fourier transform in place (Cooley and Tukey), of as many points as a power of two; `sign` 1 is the inverse. */
function transform({ x, y }: Points2, sign: 1 | -1): void {
  const size = x.length;
  for (let at = 1, to = 0; at < size; at += 1) {
    let bit = size >> 1;
    for (; to & bit; bit >>= 1) to ^= bit;
    to ^= bit;
    if (at < to) {
      swap(x, at, to);
      swap(y, at, to);
    }
  }
  const { cos, sin } = circle(size);
  for (let length = 2; length <= size; length *= 2) {
    const half = length / 2;
    const stride = size / length;
    for (let step = 0; step < half; step += 1) {
      const [c, s] = [cos[step * stride]!, sign * sin[step * stride]!];
      for (let at = step; at < size; at += length) {
        const to = at + half;
        const tx = x[to]! * c - y[to]! * s;
        const ty = x[to]! * s + y[to]! * c;
        x[to] = x[at]! - tx;
        y[to] = y[at]! - ty;
        x[at] = x[at]! + tx;
        y[at] = y[at]! + ty;
      }
    }
  }
}

function swap(values: Float64Array, first: number, second: number): void {
  const value = values[first]!;
  values[first] = values[second]!;
  values[second] = value;
}

const circles = new Map<number, { cos: Float64Array; sin: Float64Array }>();

/** Cosine and sine of the first half of a circle that is cut into `size` steps. */
function circle(size: number): { cos: Float64Array; sin: Float64Array } {
  let circle = circles.get(size);
  if (!circle) {
    const angles = Float64Array.from({ length: size / 2 }, (_, step) => (2 * Math.PI * step) / size);
    circles.set(size, (circle = { cos: angles.map(Math.cos), sin: angles.map(Math.sin) }));
  }
  return circle;
}
