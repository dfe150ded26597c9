import type { Pair, Polygon, Polyline } from "../../src/shapes/types";
import { boundsOf } from "../../src/shapes/registry";

const STEPS = 240;

/** Intersection over union of two areas, from a grid of points over both. */
export function overlap(a: Polygon, b: Polygon): number {
  const [p, q] = [boundsOf(a)!, boundsOf(b)!];
  const [x1, y1] = [Math.min(p.x1, q.x1), Math.min(p.y1, q.y1)];
  const [x2, y2] = [Math.max(p.x2, q.x2), Math.max(p.y2, q.y2)];
  let [both, either] = [0, 0];
  for (let row = 0; row < STEPS; row += 1) {
    const y = y1 + ((row + 0.5) * (y2 - y1)) / STEPS;
    const [crossA, crossB] = [crossings(a, y), crossings(b, y)];
    for (let column = 0; column < STEPS; column += 1) {
      const x = x1 + ((column + 0.5) * (x2 - x1)) / STEPS;
      const [inA, inB] = [isInside(crossA, x), isInside(crossB, x)];
      if (inA && inB) both += 1;
      if (inA || inB) either += 1;
    }
  }
  return both / either;
}

/** The crossings of a row with rings and holes. */
function crossings({ parts }: Polygon, y: number): number[] {
  return parts.flatMap(({ outer, holes }) =>
    [outer, ...holes].flatMap((ring) =>
      ring.flatMap(([xa, ya], at) => {
        const [xb, yb] = ring[(at + 1) % ring.length]!;
        return ya > y !== yb > y ? [xa + ((xb - xa) * (y - ya)) / (yb - ya)] : [];
      }),
    ),
  );
}

function isInside(crossed: readonly number[], x: number): boolean {
  return crossed.filter((item) => item < x).length % 2 === 1;
}

/** The largest distance of a vertex of one line from the other line: for lines of few bends, the Hausdorff distance. */
export function distance(a: Polyline, b: Polyline): number {
  return Math.max(...a.points.map((p) => fromLine(p, b.points)), ...b.points.map((p) => fromLine(p, a.points)));
}

function fromLine(p: Pair, line: readonly Pair[]): number {
  return Math.min(...line.slice(1).map((to, at) => fromSide(p, line[at]!, to)));
}

function fromSide([x, y]: Pair, [xa, ya]: Pair, [xb, yb]: Pair): number {
  const [dx, dy] = [xb - xa, yb - ya];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - xa) * dx + (y - ya) * dy) / length));
  return Math.hypot(x - xa - along * dx, y - ya - along * dy);
}
