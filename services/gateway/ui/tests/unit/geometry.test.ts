import { describe, expect, it } from "vitest";
import { Viewport } from "../../src/render/viewport";
import { boxBetween, contains, clippedToImage, handlePoint, HANDLES, resized } from "../../src/shapes/bbox";
import { handleAt, pushedInside } from "../../src/shapes/registry";
import type { Box } from "../../src/shapes/types";

const box = (x1: number, y1: number, x2: number, y2: number, rotation = 0): Box => ({
  kind: "bbox",
  x1,
  y1,
  x2,
  y2,
  rotation,
});

describe("drawing", () => {
  it("converts 50×30 screen pixels at zoom 2 to 25×15 image pixels", () => {
    const view = new Viewport();
    view.zoom(2, { x: 0, y: 0 });
    const box = boxBetween(view.toImage({ x: 10, y: 10 }), view.toImage({ x: 60, y: 40 }), 640, 480);
    expect([box.x2 - box.x1, box.y2 - box.y1]).toEqual([25, 15]);
  });

  it("works in every direction and stays in the image", () => {
    expect(boxBetween({ x: 60, y: 40 }, { x: -10, y: 10 }, 50, 50)).toMatchObject({ x1: 0, y1: 10, x2: 50, y2: 40 });
  });
});

describe("zooming", () => {
  it("keeps the point under the pointer in place", () => {
    const view = new Viewport();
    view.fit({ width: 640, height: 480 }, { width: 1000, height: 700 });
    const at = { x: 321, y: 123 };
    const before = view.toImage(at);
    view.zoom(3.7, at);
    const after = view.toImage(at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });
});

describe("resizing", () => {
  it("keeps the opposite corner", () => {
    expect(resized(box(10, 10, 50, 40), 0, { x: 20, y: 25 })).toMatchObject({ x1: 20, y1: 25, x2: 50, y2: 40 });
  });

  it("across the opposite edge flips the box", () => {
    expect(resized(box(10, 10, 50, 40), 3, { x: 0, y: 0 })).toMatchObject({ x1: 0, x2: 10, y1: 10, y2: 40 });
  });

  it.each([30, 90, 200])("keeps the opposite corner of a box rotated by %d degrees", (rotation) => {
    const before = box(10, 10, 50, 40, rotation);
    const fixed = handlePoint(before, HANDLES[4]!);
    const grabbed = handlePoint(before, HANDLES[0]!);
    const after = resized(before, 0, { x: grabbed.x - 3, y: grabbed.y + 2 });
    expect(handlePoint(after, HANDLES[4]!).x).toBeCloseTo(fixed.x, 9);
    expect(handlePoint(after, HANDLES[4]!).y).toBeCloseTo(fixed.y, 9);
  });
});

describe("hitting", () => {
  it("prefers the handle of a corner to that of an edge", () => {
    expect(handleAt(box(0, 0, 6, 6), { x: 0, y: 0 }, 8)).toBe(0);
    expect(handleAt(box(0, 0, 100, 100), { x: 50, y: 50 }, 8)).toBe(-1);
  });

  it("respects the rotation of a box", () => {
    expect(contains(box(0, 40, 100, 60), { x: 50, y: 10 })).toBe(false);
    expect(contains(box(0, 40, 100, 60, 90), { x: 50, y: 10 })).toBe(true);
  });
});

describe("the image's border", () => {
  it("stops a moved box without changing its size", () => {
    expect(pushedInside(box(-20, 10, 30, 40), { width: 100, height: 100 })).toMatchObject({ x1: 0, x2: 50 });
  });

  it("clips a resized box", () => {
    expect(clippedToImage(box(-20, 10, 30, 140), 100, 100)).toMatchObject({ x1: 0, y2: 100 });
  });
});
