import type { Attributes, Keyframe } from "../../src/api/labels";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shortArc } from "../../src/shapes/angles";
import type { Angles, Box, Geometry, Keypoint, Pair, Polygon, Polyline } from "../../src/shapes/types";
import { attributesAt, shapeAt, visibleSpans, type Shape } from "../../src/editor/document/interpolation";
import { manualKeyframe } from "../../src/editor/document/labels";
import { correspondence } from "../../src/shapes/contours/correspondence";
import { objectOf } from "./builders";
import { distance, overlap } from "./measures";

interface Case {
  name: string;
  keyframes: (Partial<Keyframe> & Pick<Keyframe, "frame" | "geometry">)[];
  frame: number;
  last_frame: number;
}
interface BoxCase extends Case {
  expected: Omit<Box, "kind"> | null;
}
interface ShapeCase extends Case {
  expected: Geometry | null;
  expected_keypoints?: Keypoint[];
  expected_rpy?: Angles | null;
  expected_occluded?: boolean;
  expected_attributes?: Attributes;
  iou?: number;
  hausdorff?: number;
}

// The same files are checked against the service's implementation.
const shared = <T>(name: string): T[] =>
  JSON.parse(readFileSync(new URL(`../../../../../tests/cases/${name}`, import.meta.url), "utf8")) as T[];
const keyframesOf = ({ keyframes }: Case): Keyframe[] => keyframes.map((keyframe) => ({ ...manualKeyframe(keyframe.frame, keyframe.geometry), ...keyframe }));
const shapeOf = (example: Case): Shape | null => shapeAt(keyframesOf(example), example.frame, example.last_frame);

/** Numbers that are close, everything else equal. */
function expectClose(found: unknown, expected: unknown): void {
  if (typeof expected === "number") expect(found).toBeCloseTo(expected, 6);
  else if (typeof expected !== "object" || expected === null) expect(found).toBe(expected);
  else {
    expect(Object.keys(found as object).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) expectClose((found as Record<string, unknown>)[key], value);
  }
}

describe("boxes agree with the service", () => {
  it.each(shared<BoxCase>("interpolation.json").map((example) => [example.name, example] as const))("%s", (_, example) => {
    const box = shapeOf(example)?.geometry ?? null;
    expectClose(box, example.expected && { kind: "bbox", ...example.expected });
  });
});

describe("shapes agree with the service", () => {
  it.each(shared<ShapeCase>("shapes.json").map((example) => [example.name, example] as const))("%s", (_, example) => {
    const shape = shapeOf(example);
    const found = shape?.geometry ?? null;
    if (example.iou !== undefined) expect(overlap(found as Polygon, example.expected as Polygon)).toBeGreaterThanOrEqual(example.iou);
    else if (example.hausdorff !== undefined)
      expect(distance(found as Polyline, example.expected as Polyline)).toBeLessThanOrEqual(example.hausdorff);
    else expectClose(found, example.expected);
    if (example.expected_keypoints) expectClose(shape?.keypoints, example.expected_keypoints);
    if (example.expected_rpy !== undefined) expectClose(shape?.rpy, example.expected_rpy);
    if (example.expected_occluded !== undefined) expect(shape?.occluded).toBe(example.expected_occluded);
    if (example.expected_attributes) expect(attributesAt(objectOf(keyframesOf(example)), example.frame)).toEqual(example.expected_attributes);
  });
});

describe("contour correspondences", () => {
  const star = (count: number, turn: number): Pair[] =>
    Array.from({ length: count }, (_, at) => {
      const [angle, radius] = [(2 * Math.PI * at) / count + turn, at % 2 ? 60 : 100];
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });

  it("are computed once for each pair of keyframes", () => {
    const polygon = (points: Pair[]): Polygon => ({ kind: "polygon", parts: [{ outer: points, holes: [] }] });
    const keyframes = [manualKeyframe(0, polygon(star(2000, 0))), manualKeyframe(1000, polygon(star(1900, 0.3)))];
    const spent = (frame: number): number => {
      const started = performance.now();
      shapeAt(keyframes, frame);
      return performance.now() - started;
    };
    const first = spent(1);
    const later = Math.min(spent(2), spent(3), spent(4));
    expect(later).toBeLessThan(first / 4);
  });

  it("find rotations of any number of points, with and without Fourier transform", () => {
    for (const count of [12, 64, 100]) {
      const { left, right } = correspondence(star(count, 0), star(count, Math.PI), true);
      // Half a turn of a star of an even number of points is the star itself.
      left.x.forEach((x, at) => expect(right.x[at]).toBeCloseTo(x, 6));
    }
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
  const box = { kind: "bbox", x1: 0, y1: 0, x2: 9, y2: 9, rotation: 0 } as const;
  const at = (frame: number, outside = false): Keyframe => ({ ...manualKeyframe(frame, box), outside });

  it("last to the end of the medium after the last keyframe", () => {
    expect(visibleSpans([at(3), at(7)], 99)).toEqual([[3, 99]]);
  });

  it("have a gap from an outside keyframe to the next example", () => {
    expect(visibleSpans([at(3), at(7, true), at(9, true), at(20)], 99)).toEqual([
      [3, 6],
      [20, 99],
    ]);
  });
});

describe("mutable attributes", () => {
  const box = { kind: "bbox", x1: 0, y1: 0, x2: 9, y2: 9, rotation: 0 } as const;
  const keyframes: Keyframe[] = [
    { ...manualKeyframe(0, box), attributes: { state: "Red", speed: 3 } },
    { ...manualKeyframe(10, box), attributes: { state: "Green" } },
  ];

  it("last until a later keyframe sets them", () => {
    const object = objectOf(keyframes, { attributes: { color: "White" } });
    expect(attributesAt(object, 9)).toEqual({ color: "White", state: "Red", speed: 3 });
    expect(attributesAt(object, 10)).toEqual({ color: "White", state: "Green", speed: 3 });
  });
});

describe("solid", () => {
  it("is a shape with a manual keyframe on the frame", () => {
    const box = { kind: "bbox", x1: 0, y1: 0, x2: 9, y2: 9, rotation: 0 } as const;
    const keyframes: Keyframe[] = [manualKeyframe(0, box), { ...manualKeyframe(5, box), source: "quick" }];
    expect([0, 3, 5].map((frame) => shapeAt(keyframes, frame)?.solid)).toEqual([true, false, false]);
  });
});
