import { describe, expect, it } from "vitest";
import { polygonOf, withHole, withPart } from "../../src/shapes/polygon";
import { handleAt, handlesOf, insertionAt, isValid, withHandleAt, withoutHandle } from "../../src/shapes/registry";
import { isSimple } from "../../src/shapes/simple";
import type { Geometry, Pair, Polygon } from "../../src/shapes/types";

const IMAGE = { width: 200, height: 100 };
const square = (x: number, y: number, side: number): Pair[] => [[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
const holed = withHole(polygonOf(square(0, 0, 60)), square(20, 20, 20))!;
const outer = (shape: Geometry | null): Pair[] => (shape as Polygon).parts[0]!.outer;

describe("a ring", () => {
  it.each<[string, boolean, Pair[]]>([
    ["a square", true, square(0, 0, 10)],
    ["a bow tie", false, [[0, 0], [10, 10], [10, 0], [0, 10]]],
    ["one that touches itself in a point", false, [[0, 0], [10, 0], [5, 5], [10, 10], [0, 10], [5, 5]]],
    ["one that runs back on itself", false, [[0, 0], [10, 0], [5, 0], [5, 10]]],
    ["a concave one", true, [[0, 0], [10, 0], [10, 10], [5, 2], [0, 10]]],
    ["one with a point twice in a row", false, [[0, 0], [0, 0], [10, 0], [5, 8]]],
  ])("%s is simple: %s", (_, simple, ring) => {
    expect(isSimple(ring)).toBe(simple);
  });
});

describe("the vertices of a polygon", () => {
  it("are handles, also those of holes", () => {
    expect(handlesOf(holed)).toHaveLength(8);
    expect(handleAt(holed, { x: 41, y: 20 }, 4)).toBe(5);
  });

  it("are dragged within the image", () => {
    const dragged = withHandleAt(holed, 2, { x: 80, y: 300 }, IMAGE) as Polygon;
    expect(outer(dragged)[2]).toEqual([80, 100]);
    expect(dragged.parts[0]!.holes).toEqual(holed.parts[0]!.holes);
  });

  it("are inserted on a near edge", () => {
    const inserted = insertionAt(holed, { x: 30, y: 2 }, 5)!;
    expect([inserted.at, inserted.handle]).toEqual([{ x: 30, y: 0 }, 1]);
    expect(outer(inserted.shape)).toEqual([[0, 0], [30, 0], [60, 0], [60, 60], [0, 60]]);
    expect(insertionAt(holed, { x: 30, y: 10 }, 5)).toBeNull();
  });

  it("are inserted on the edge that closes a hole", () => {
    const inserted = insertionAt(holed, { x: 21, y: 30 }, 5)!;
    expect((inserted.shape as Polygon).parts[0]!.holes[0]).toEqual([[20, 20], [40, 20], [40, 40], [20, 40], [20, 30]]);
  });

  it("are removed, and the ring closes between their neighbors", () => {
    expect(outer(withoutHandle(holed, 1))).toEqual([[0, 0], [60, 60], [0, 60]]);
  });

  it("remove a hole with fewer than three points", () => {
    const triangle = withoutHandle(holed, 5)!;
    expect((withoutHandle(triangle, 5) as Polygon).parts[0]!.holes).toEqual([]);
  });

  it("cannot remove the last ring", () => {
    const triangle = polygonOf([[0, 0], [10, 0], [0, 10]]);
    expect(withoutHandle(triangle, 0)).toBeNull();
    expect(withoutHandle(withPart(triangle, square(50, 50, 9)), 0)).toEqual(polygonOf(square(50, 50, 9)));
  });
});

describe("a hole", () => {
  it("belongs to the part that contains it", () => {
    const two = withPart(polygonOf(square(0, 0, 10)), square(50, 0, 40));
    expect(withHole(two, square(60, 10, 10))!.parts.map(({ holes }) => holes.length)).toEqual([0, 1]);
  });

  it("is refused outside of every part", () => {
    expect(withHole(holed, square(50, 50, 40))).toBeNull();
  });

  it("that crosses itself makes the polygon invalid", () => {
    const bowTie: Pair[] = [[5, 5], [15, 15], [15, 5], [5, 15]];
    expect(isValid(withHole(polygonOf(square(0, 0, 60)), bowTie)!)).toBe(false);
  });
});
