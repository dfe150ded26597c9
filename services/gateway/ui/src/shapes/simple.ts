import type { Pair } from "./types";

/** Whether a closed ring neither crosses nor touches itself. */
export function isSimple(ring: readonly Pair[]): boolean {
  const count = ring.length;
  for (let first = 0; first < count; first += 1) {
    const [a, b] = [ring[first]!, ring[(first + 1) % count]!];
    if (a[0] === b[0] && a[1] === b[1]) return false;
    for (let second = first + 1; second < count; second += 1) {
      const [c, d] = [ring[second]!, ring[(second + 1) % count]!];
      if (second === first + 1 ? foldsBack(a, b, d) : second === count - 1 && first === 0 ? foldsBack(c, d, b) : touch(a, b, c, d))
        return false;
    }
  }
  return true;
}

/** Twice the area of the triangle, positive for a turn to the right on the screen. */
function turn(a: Pair, b: Pair, c: Pair): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Whether the side from `b` to `c` overlaps the side from `a` to `b`. */
function foldsBack(a: Pair, b: Pair, c: Pair): boolean {
  return turn(a, b, c) === 0 && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;
}

function touch(a: Pair, b: Pair, c: Pair, d: Pair): boolean {
  if (Math.max(a[0], b[0]) < Math.min(c[0], d[0]) || Math.max(c[0], d[0]) < Math.min(a[0], b[0])) return false;
  if (Math.max(a[1], b[1]) < Math.min(c[1], d[1]) || Math.max(c[1], d[1]) < Math.min(a[1], b[1])) return false;
  // With overlapping bounds, sides that are all on one line touch too: every product is zero.
  return turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0;
}
