import type { Keyframe } from "../../src/api/labels";
import { describe, expect, it } from "vitest";
import { manualKeyframe } from "../../src/editor/document/labels";
import { nextKeyframe, nextLabeled, solidRange } from "../../src/editor/seek";
import { objectOf } from "./builders";

const box = { kind: "bbox", x1: 0, y1: 0, x2: 9, y2: 9, rotation: 0 } as const;
const at = (frame: number, more: Partial<Keyframe> = {}): Keyframe => ({ ...manualKeyframe(frame, box), ...more });
const quick = (frame: number): Keyframe => at(frame, { source: "quick" });

describe("the next frame with objects", () => {
  const objects = [objectOf([at(3), at(6, { outside: true })]), objectOf([at(20)])];

  it("is the nearest in that direction", () => {
    expect(nextLabeled(objects, 5, 1, 99)).toBe(20);
    expect(nextLabeled(objects, 10, -1, 99)).toBe(5);
    expect(nextLabeled(objects, 3, -1, 99)).toBeNull();
  });
});

describe("the next keyframe", () => {
  it("skips generated ones if there are manual ones", () => {
    expect(nextKeyframe(objectOf([at(0), quick(1), quick(2), at(3)]), 0, 1)).toBe(3);
    expect(nextKeyframe(objectOf([quick(1), quick(2)]), 2, -1)).toBe(1);
  });
});

describe("quick label", () => {
  it("spans the first to the last manual keyframe, also outside ones", () => {
    expect(solidRange(objectOf([at(2), quick(4), at(9, { outside: true }), quick(12)]))).toEqual([2, 9]);
  });

  it("needs two manual keyframes", () => {
    expect(solidRange(objectOf([at(2), quick(4)]))).toBeNull();
  });
});
