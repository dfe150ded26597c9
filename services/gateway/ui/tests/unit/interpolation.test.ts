import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shapeAt, shortArc, visibleSpans } from "../../src/core/interpolation";
import type { Keyframe } from "../../src/core/labels";

interface Case {
  name: string;
  keyframes: Keyframe[];
  frame: number;
  last_frame: number;
  expected: { x1: number; y1: number; x2: number; y2: number; rotation: number } | null;
}

// The same file is checked against the service's implementation.
const shared = new URL("../../../../../tests/cases/interpolation.json", import.meta.url);
const cases = JSON.parse(readFileSync(shared, "utf8")) as Case[];

describe("interpolation agrees with the service", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { keyframes, frame, last_frame, expected }) => {
    const box = shapeAt(keyframes, frame, last_frame)?.box ?? null;
    if (expected === null) {
      expect(box).toBeNull();
      return;
    }
    for (const side of ["x1", "y1", "x2", "y2", "rotation"] as const) expect(box?.[side]).toBeCloseTo(expected[side], 6);
  });
});

describe("short arc", () => {
  it.each([
    [0, 90, 90],
    [350, 10, 20],
    [10, 350, -20],
    [0, 180, 180],
    [180, 0, 180],
    [0, -180, 180],
    [720, 0, 0],
  ])("from %d to %d turns %d", (a, b, turn) => expect(shortArc(a, b)).toBe(turn));
});

describe("visible spans", () => {
  const at = (frame: number, outside = false): Keyframe => ({
    frame,
    outside,
    occluded: false,
    source: "manual",
    score: null,
    geometry: { kind: "bbox", x1: 0, y1: 0, x2: 9, y2: 9, rotation: 0 },
  });

  it("last to the end of the medium after the last key frame", () => {
    expect(visibleSpans([at(3), at(7)], 99)).toEqual([[3, 99]]);
  });

  it("have a gap from a key frame out of view to the next", () => {
    expect(visibleSpans([at(3), at(7, true), at(9, true), at(20)], 99)).toEqual([
      [3, 6],
      [20, 99],
    ]);
  });
});
